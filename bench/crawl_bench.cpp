// Crawling: 1,000 files of ticks (600 MB, made once), first and again; and how fast schemas are inferred on one core.
//   build/bench/crawl_bench
// bytes_per_second is of the files read; SecondCrawl reads none and must take less than a tenth of FirstCrawl.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "catalog/crawler.hpp"
#include "catalog/inference.hpp"
#include "catalog/lake_catalog.hpp"
#include "lake/folder_store.hpp"

namespace {

using namespace stack;
namespace fs = std::filesystem;

constexpr int kFiles = 1'000;
constexpr int kLinesPerFile = 5'000;

std::string tick_lines(int file) {
  const std::string dt = fmt::format("{:04}-{:02}-{:02}", 2000 + file / 336, file / 28 % 12 + 1, file % 28 + 1);
  std::string text;
  for (int i = 0; i < kLinesPerFile; ++i)
    fmt::format_to(std::back_inserter(text),
                   R"({{"symbol":"HSI","session_date":"{}","event_time":"{} 0{}:{:02}:{:02}.{:06}","seq":{},)"
                   R"("price":{}.{},"size":{}}})"
                   "\n",
                   dt, dt, i / 3600 + 1, i / 60 % 60, i % 60, i * 7919 % 1'000'000, file * kLinesPerFile + i,
                   29'000 + i * 31 % 500, i % 10, i * 37 % 3000);
  return text;
}

// Other shapes than ticks: rows as `sample` publishes them, and nested ones, which take the parser's way.
std::string row_lines() {
  std::string text;
  for (int i = 0; i < 50'000; ++i)
    text += fmt::format(
        R"({{"Index": "NYA", "Date": "1999-12-{:02}", "Open": {}.690002, "Adj Close": 528.{}, "Volume": {}.0}})"
        "\n",
        i % 28 + 1, 500 + i % 100, i % 1000, i);
  return text;
}
std::string nested_lines() {
  std::string text;
  for (int i = 0; i < 50'000; ++i)
    text += fmt::format(
        R"({{"symbol":"HSI","book":{{"bid":[{{"p":{}.5,"q":100}}],"ask":[]}},"t":"2021-05-28 01:30:00.{:06}"}})"
        "\n",
        i, i);
  return text;
}

// A folder that goes with the program.
class BenchLake {
 public:
  BenchLake() {
    std::string name = fs::temp_directory_path() / "stack-bench-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    store_ = lake::FolderStore::open(folder_).value();
    for (int file = 0; file < kFiles; ++file) {
      const fs::path path =
          folder_ / "ticks" / fmt::format("dt={:04}", 2000 + file / 10) / fmt::format("t+0+{:020}.ndjson", file);
      fs::create_directories(path.parent_path());
      const std::string text = tick_lines(file);
      if (std::FILE* out = std::fopen(path.c_str(), "wb")) {
        std::fwrite(text.data(), 1, text.size(), out);
        std::fclose(out);
      }
    }
  }
  ~BenchLake() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  catalog::CrawlSummary crawl(unsigned threads) {
    catalog::LakeCatalog catalog(*store_);
    return catalog::crawl(*store_, catalog, {.threads = threads}, clock_, stop_).value();
  }
  void forget() { fs::remove_all(folder_ / "_stack"); }

 private:
  fs::path folder_;
  std::unique_ptr<lake::FolderStore> store_;
  SystemClock clock_;
  StopFlag stop_;
};

BenchLake& bench_lake() {
  static BenchLake lake;
  return lake;
}

void FirstCrawl(benchmark::State& state) {
  BenchLake& lake = bench_lake();
  std::uint64_t bytes = 0;
  while (state.KeepRunning()) {
    state.PauseTiming();
    lake.forget();
    state.ResumeTiming();
    bytes += lake.crawl(static_cast<unsigned>(state.range(0))).bytes_read;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["files"] = kFiles;
}
BENCHMARK(FirstCrawl)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void SecondCrawl(benchmark::State& state) {
  BenchLake& lake = bench_lake();
  lake.crawl(2);
  while (state.KeepRunning()) {
    if (lake.crawl(2).bytes_read != 0) state.SkipWithError("an unchanged lake was read again");
  }
  state.counters["files"] = kFiles;
}
BENCHMARK(SecondCrawl)->Unit(benchmark::kMillisecond)->UseRealTime();

void Inference(benchmark::State& state, const std::string& text) {
  catalog::NdjsonInference inference;
  while (state.KeepRunning()) {
    inference.add_lines(text);
    benchmark::DoNotOptimize(inference.finish());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(Inference, ticks, tick_lines(0))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, rows_of_a_csv, row_lines())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, nested, nested_lines())->Unit(benchmark::kMillisecond);

}  // namespace
