// How fast history is read and ticks are made: bytes/s of CSV, events/s of a feed in NDJSON, by threads.
//   build/bench/market_bench [--benchmark_filter=read_csv]
// read_csv reads a large made-up file; the others $STACK_TEST_DATA where that is set, else a made-up history of 13
// symbols.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "market/feed.hpp"

namespace {

using namespace stack;
using namespace stack::market;

constexpr int kDays = 4000;

// Daily bars of so many symbols, 4,000 days each.
std::string made_up_history(int symbols, std::string_view quote = "") {
  std::string csv = "Index,Date,Open,High,Low,Close,Adj Close,Volume,CloseUSD\n";
  for (int symbol = 0; symbol < symbols; ++symbol) {
    for (int day = 0; day < kDays; ++day) {
      const int cents = 1'000'000 + 31'337 * (day % 97) + 1000 * (symbol % 13);
      fmt::format_to(std::back_inserter(csv),
                     "{0}S{1:04}{0},{0}{2}{0},{3}.{4:02},{5}.{6:02},{7}.{8:02},{9}.{10:02},0.0,{11}.0,1.5\n", quote,
                     symbol, format_date(Date{std::chrono::days{10000 + day}}), cents / 100, cents % 100,
                     (cents + 12345) / 100, (cents + 12345) % 100, (cents - 9999) / 100, (cents - 9999) % 100,
                     (cents + 4321) / 100, (cents + 4321) % 100, 1'000'000 + 7919 * day);
    }
  }
  return csv;
}

std::string history() {
  if (const char* path = std::getenv("STACK_TEST_DATA"); path != nullptr && *path != '\0') {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  return made_up_history(13);
}

// A file that goes with the program.
class LargeFile {
 public:
  explicit LargeFile(std::string_view quote)
      : path_(std::filesystem::temp_directory_path() / fmt::format("stack-bench-{}.csv", ::getpid())) {
    std::ofstream(path_, std::ios::binary) << made_up_history(kSymbols, quote);
  }
  LargeFile(const LargeFile&) = delete;
  LargeFile& operator=(const LargeFile&) = delete;
  ~LargeFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  static constexpr int kSymbols = 1000;
  std::filesystem::path path_;
};

const std::string& csv_text() {
  static const std::string text = history();
  return text;
}

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

// A large file (4 million bars), every row checked. Argument: 1 for symbols and dates in quotes.
void read_csv(benchmark::State& state) {
  const LargeFile file(state.range(0) == 1 ? "\"" : "");
  while (state.KeepRunning()) benchmark::DoNotOptimize(value_of(Dataset::load(file.path().string())));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(file.path())));
}
BENCHMARK(read_csv)->ArgName("quoted")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// Argument: threads. The thread that reads does nothing but look at each batch.
void replay_ndjson(benchmark::State& state) {
  const auto dataset = value_of(Dataset::parse("bench.csv", csv_text()));
  FeedOptions options;
  options.limit = 10'000'000;
  const auto plan = value_of(FeedPlan::make(dataset, options));
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  while (state.KeepRunning()) {
    FeedReader reader(plan, {Encoding::ndjson, 0, static_cast<unsigned>(state.range(0))});
    while (const auto batch = reader.next()) {
      events += static_cast<std::int64_t>(batch->size());
      bytes += static_cast<std::int64_t>(batch->text_size);
    }
  }
  state.SetItemsProcessed(events);
  state.SetBytesProcessed(bytes);
}
BENCHMARK(replay_ndjson)->Arg(1)->Arg(2)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

void plan_feed(benchmark::State& state) {
  const auto dataset = value_of(Dataset::parse("bench.csv", csv_text()));
  while (state.KeepRunning()) benchmark::DoNotOptimize(value_of(FeedPlan::make(dataset, {})));
}
BENCHMARK(plan_feed)->Unit(benchmark::kMillisecond);

}  // namespace
