// Bars for tests, as CSV text and as values.
#pragma once

#include <string>
#include <vector>

#include "market/dataset.hpp"
#include "market/feed.hpp"

namespace stack::market::test {

inline constexpr const char* kHeader = "Symbol,Date,Open,High,Low,Close,Volume\n";

// The data set, or a failed test.
std::shared_ptr<const Dataset> dataset_of(const std::string& csv, const LoadOptions& options = {});
std::shared_ptr<const FeedPlan> plan_of(const std::string& csv, const FeedOptions& options = {});

// All of a feed as text.
std::string read_all(const std::shared_ptr<const FeedPlan>& plan, const ReadOptions& options = {});
std::vector<std::string> lines_of(const std::string& text);

struct TickLine {
  std::string symbol;
  std::string session_date;
  std::string event_time;
  std::uint64_t seq = 0;
  std::string price;
  std::int64_t size = 0;
};
std::vector<TickLine> ticks_of(const std::string& ndjson);

// A few symbols in several zones, with flat days, days without volume and days that open or close at an extreme.
std::string world_csv(int days);

}  // namespace stack::market::test
