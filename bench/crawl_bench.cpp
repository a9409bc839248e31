// Crawling: 1,000 files of ticks (600 MB, made once), first and again; and how fast schemas are inferred on one core.
//   build/bench/crawl_bench
// bytes_per_second is of the files read; SecondCrawl reads none and must take less than a tenth of FirstCrawl.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
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

// Other lines than ticks, LINES of them.
template <class Line>
std::string lines_of(int lines, Line line) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    line(std::back_inserter(text), i);
    text += '\n';
  }
  return text;
}
using Out = std::back_insert_iterator<std::string>;

// As `sample` publishes the rows of a CSV.
std::string csv_rows() {
  return lines_of(50'000, [](Out out, int i) {
    fmt::format_to(
        out, R"({{"Index": "NYA", "Date": "1999-12-{:02}", "Open": {}.690002, "Adj Close": 528.{}, "Volume": {}.0}})",
        i / 50 % 28 + 1, 500 + i % 100, i % 1000, i);
  });
}
std::string wide_rows() {
  return lines_of(3'000, [](Out out, int i) {
    fmt::format_to(out, R"({{"id":{})", i);
    for (int column = 0; column < 100; ++column) {
      if (column % 3 == 0) fmt::format_to(out, R"(,"column_{}":{})", column, i * column % 9999);
      if (column % 3 == 1) fmt::format_to(out, R"(,"column_{}":{}.{:02})", column, i % 9999, column);
      if (column % 3 == 2) fmt::format_to(out, R"(,"column_{}":"value {}")", column, i % 77);
    }
    fmt::format_to(out, "}}");
  });
}
// Half of the keys are missing, others in every line.
std::string sparse_rows() {
  return lines_of(20'000, [](Out out, int i) {
    fmt::format_to(out, R"({{"id":{})", i);
    for (int column = 0; column < 40; ++column) {
      if (((static_cast<unsigned>(i) * 2'654'435'761U) >> (column % 24) & 1U) != 0)
        fmt::format_to(out, R"(,"field_{}":{})", column, i * column % 9999);
    }
    fmt::format_to(out, "}}");
  });
}
std::string order_books() {
  return lines_of(50'000, [](Out out, int i) {
    fmt::format_to(out, R"({{"symbol":"HSI","book":{{"bid":[)");
    for (int level = 0; level <= i % 5; ++level)
      fmt::format_to(out, R"({}{{"p":{}.5,"q":{}}})", level == 0 ? "" : ",", i % 9999, 100 * level);
    fmt::format_to(out, R"(],"ask":[]}},"t":"2021-05-28 01:30:00.{:06}"}})", i);
  });
}
std::string escaped_text() {
  return lines_of(50'000, [](Out out, int i) {
    fmt::format_to(out, R"({{"headline":"\"Hang Seng\" ends {} higher\nTurnover \u20ac{}","source":"a\/b","seq":{}}})",
                   i, i * 3, i);
  });
}
std::string text_beyond_ascii() {
  return lines_of(50'000, [](Out out, int i) {
    fmt::format_to(out, "{{\"headline\":\"恒生指數收市 {} 點 — naïve\",\"source\":\"東京\",\"seq\":{}}}", i, i);
  });
}
std::string numbers_as_text() {
  return lines_of(50'000, [](Out out, int i) {
    fmt::format_to(out, R"({{"symbol":"HSI","price":"{}.{}","size":"{}","seq":"{}"}})", 29'000 + i % 500, i % 10,
                   i * 37LL % 3000, i);
  });
}
std::string spaced_rows() {
  return lines_of(50'000, [](Out out, int i) {
    fmt::format_to(out, R"({{ "symbol" : "HSI", "price" : {}.5, "size" : {}, "flags" : [ 1, 2 ] }})", 29'000 + i % 500,
                   i);
  });
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
BENCHMARK_CAPTURE(Inference, csv_rows, csv_rows())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, wide_rows, wide_rows())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, sparse_rows, sparse_rows())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, order_books, order_books())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, escaped_text, escaped_text())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, text_beyond_ascii, text_beyond_ascii())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, numbers_as_text, numbers_as_text())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Inference, spaced_rows, spaced_rows())->Unit(benchmark::kMillisecond);

}  // namespace
