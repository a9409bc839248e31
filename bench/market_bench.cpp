// How fast history is read and ticks are made: MB/s of CSV, events/s of a feed in NDJSON, by threads.
// The data are $STACK_TEST_DATA where that is set, else a made-up history of 13 symbols.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "market/feed.hpp"

namespace {

using namespace stack;
using namespace stack::market;

std::string history() {
  if (const char* path = std::getenv("STACK_TEST_DATA"); path != nullptr && *path != '\0') {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::string csv = "Index,Date,Open,High,Low,Close,Adj Close,Volume,CloseUSD\n";
  for (int symbol = 0; symbol < 13; ++symbol) {
    for (int day = 0; day < 4000; ++day) {
      const int cents = 1'000'000 + 31'337 * (day % 97) + 1000 * symbol;
      csv += fmt::format("S{:02},{},{}.{:02},{}.{:02},{}.{:02},{}.{:02},0.0,{}.0,1.5\n", symbol,
                         format_date(Date{std::chrono::days{10000 + day}}), cents / 100, cents % 100,
                         (cents + 12345) / 100, (cents + 12345) % 100, (cents - 9999) / 100, (cents - 9999) % 100,
                         (cents + 4321) / 100, (cents + 4321) % 100, 1'000'000 + 7919 * day);
    }
  }
  return csv;
}

const std::string& csv_text() {
  static const std::string text = history();
  return text;
}

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

void read_csv(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    std::string text = csv_text();
    state.ResumeTiming();
    benchmark::DoNotOptimize(value_of(Dataset::parse("bench.csv", std::move(text))));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(csv_text().size()));
}
BENCHMARK(read_csv)->Unit(benchmark::kMillisecond);

// Argument: threads. The thread that reads does nothing but look at each batch.
void replay_ndjson(benchmark::State& state) {
  const auto dataset = value_of(Dataset::parse("bench.csv", csv_text()));
  FeedOptions options;
  options.limit = 10'000'000;
  const auto plan = value_of(FeedPlan::make(dataset, options));
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
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
  for (auto _ : state) benchmark::DoNotOptimize(value_of(FeedPlan::make(dataset, {})));
}
BENCHMARK(plan_feed)->Unit(benchmark::kMillisecond);

}  // namespace
