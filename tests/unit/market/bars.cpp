#include "bars.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace stack::market::test {
namespace {

std::string between(const std::string& line, const std::string& before, const std::string& after) {
  const std::size_t begin = line.find(before);
  if (begin == std::string::npos) throw std::runtime_error("no " + before + " in " + line);
  const std::size_t start = begin + before.size();
  return line.substr(start, line.find(after, start) - start);
}

}  // namespace

std::shared_ptr<const Dataset> dataset_of(const std::string& csv, const LoadOptions& options) {
  auto dataset = Dataset::parse("test.csv", csv, options);
  if (!dataset) throw std::runtime_error(dataset.error().message);
  return *dataset;
}

std::shared_ptr<const FeedPlan> plan_of(const std::string& csv, const FeedOptions& options) {
  auto plan = FeedPlan::make(dataset_of(csv), options);
  if (!plan) throw std::runtime_error(plan.error().message);
  return *plan;
}

std::string read_all(const std::shared_ptr<const FeedPlan>& plan, const ReadOptions& options) {
  FeedReader reader(plan, options);
  std::string text;
  while (const auto batch = reader.next()) text += batch->text();
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<TickLine> ticks_of(const std::string& ndjson) {
  std::vector<TickLine> ticks;
  for (const std::string& line : lines_of(ndjson)) {
    ticks.push_back({between(line, "\"symbol\":\"", "\""), between(line, "\"session_date\":\"", "\""),
                     between(line, "\"event_time\":\"", "\""), std::stoull(between(line, "\"seq\":", ",")),
                     between(line, "\"price\":", ","), std::stoll(between(line, "\"size\":", "}"))});
  }
  return ticks;
}

std::string world_csv(int days) {
  std::string csv = kHeader;
  const Date first = *parse_date("2010-12-30");
  for (const std::string symbol : {"HSI", "N225", "IXIC", "GDAXI"}) {
    for (int i = 0; i < days; ++i) {
      const std::string date = format_date(first + std::chrono::days{i});
      const int base = 10000 + 37 * (i % 11) + static_cast<int>(symbol.size());
      const char* form = "{0},{1},{2}.25,{3}.5,{4}.0,{5}.75,{6}\n";
      if (i % 7 == 1) form = "{0},{1},{4}.0,{4}.0,{4}.0,{4}.0,0\n";        // flat, no volume
      if (i % 7 == 2) form = "{0},{1},{4}.0,{4}.0,{4}.0,{4}.0,{6}\n";      // flat, traded
      if (i % 7 == 3) form = "{0},{1},{4}.0,{3}.5,{4}.0,{3}.5,{6}\n";      // from the low to the high
      if (i % 7 == 4) form = "{0},{1},{3}.5,{3}.5,{4}.0,{3}.5,0.0\n";      // back to the high
      if (i % 7 == 5) form = "{0},{1},{2}.25,{2}.26,{2}.25,{2}.26,{6}\n";  // one step of the grid
      csv += fmt::format(fmt::runtime(form), symbol, date, base + 10, base + 50, base - 60, base + 20 - i % 40,
                         1000 + 7919L * i);
    }
  }
  return csv;
}

}  // namespace stack::market::test
