// Any bytes as a CSV file: it is read or refused, and what is read makes a feed that is faithful to it.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz_target.hpp"
#include "market/feed.hpp"

namespace {

using namespace stack::market;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

void check_bars(const Dataset& dataset) {
  std::uint64_t rows = 0;
  for (const Series& series : dataset.series()) {
    require(!series.symbol.empty() && !series.bars.empty(), "a series has a name and bars");
    const Bar* before = nullptr;
    for (const Bar& bar : series.bars) {
      require(bar.low > 0 && bar.low <= bar.open && bar.open <= bar.high, "open lies between low and high");
      require(bar.low <= bar.close && bar.close <= bar.high && bar.volume >= 0, "close lies between low and high");
      require(before == nullptr || before->day < bar.day, "dates rise");
      require(!dataset.row_text(bar).empty(), "a row has a text");
      before = &bar;
      ++rows;
    }
  }
  require(rows == dataset.row_count(), "rows are counted");
}

void check_feed(const std::shared_ptr<const Dataset>& dataset, Mode mode) {
  FeedOptions options;
  options.mode = mode;
  options.events_per_session = 5;
  options.limit = 50;
  const auto plan = FeedPlan::make(dataset, options);
  if (!plan) return;
  FeedReader reader(*plan, {Encoding::ndjson, 0, 1});
  std::uint64_t events = 0;
  while (const auto batch = reader.next()) {
    for (std::size_t i = 0; i < batch->size(); ++i) {
      const auto record = batch->record(i);
      require(record.front() == '{' && record.back() == '}', "a record is an object");
      require(record.find('\n') == std::string_view::npos, "a record is one line");
      ++events;
    }
  }
  require(events == (*plan)->total_events(), "the plan's number of events comes");
}

constexpr std::array<std::string_view, 4> kSeeds{
    "Symbol,Date,Open,High,Low,Close,Volume\nA,2021-01-04,1.5,2,1,1.25,100\nA,2021-01-05,1,2,1,2,0.0\n",
    "Index,Date,Open,High,Low,Close,Adj Close,Volume,CloseUSD\r\nHSI,1986-12-31,2568.300049,2568.300049,2568.300049,"
    "2568.300049,2568.300049,0.0,333.87900637\r\nHSI,1987-01-02,2540.100098,2550.5,2540.100098,2540.100098,1,9.4e10,"
    "1\r\n",
    "\xEF\xBB\xBF\"Ticker\",Exchange,Date,Open,High,Low,Close,Volume\n\"A,\"\"B\"\"\",XTKS,2021-01-04,1,1,1,1,\"0\"\n",
    "Volume,Close,Low,High,Open,Date,Symbol\n9223372036854775807,123456789.123456,100,200000000,150,1965-01-05,"
    "\xC3\x84\n"};

}  // namespace

std::span<const std::string_view> stack::fuzz::seeds() { return kSeeds; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto strict = Dataset::parse("fuzz.csv", text);
  if (!strict) require(strict.error().message.find('\n') == std::string::npos, "an error is one line");
  const auto lenient = Dataset::parse("fuzz.csv", text, {BadRowPolicy::skip, 3});
  require(!strict || lenient, "what the strict reader takes the lenient one takes");
  if (!lenient) return 0;
  check_bars(**lenient);
  if (size % 4 == 0) {  // a feed is much dearer than reading
    check_feed(*lenient, Mode::replay);
    check_feed(*lenient, Mode::sample);
  }
  return 0;
}
