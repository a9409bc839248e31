#include "scenario_feed.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace stack::scenario::test {
namespace {

std::string between(const std::string& line, const std::string& before, const std::string& after) {
  const std::size_t begin = line.find(before);
  if (begin == std::string::npos) throw std::runtime_error("no " + before + " in " + line);
  const std::size_t start = begin + before.size();
  return line.substr(start, line.find(after, start) - start);
}

Result<std::shared_ptr<const market::FeedPlan>> make_plan(const std::string& csv, const std::string& toml,
                                                          market::FeedOptions options) {
  auto dataset = market::Dataset::parse("test.csv", csv);
  if (!dataset) throw std::runtime_error(dataset.error().message);
  if (!toml.empty()) options.shaper = scenario_of(toml);
  return market::FeedPlan::make(*dataset, options);
}

}  // namespace

std::string three_symbols(int days) {
  std::string csv = "Symbol,Date,Open,High,Low,Close,Volume,Exchange\n";
  const Date first = *parse_date("2021-01-04");
  for (const std::string symbol : {"A", "B", "C"}) {
    for (int i = 0; i < days; ++i) {
      const auto date = format_date(first + std::chrono::days{i / 5 * 7 + i % 5});
      const int base = 10000 + 1000 * (symbol[0] - 'A') + 37 * (i % 11);
      const int close = base + (i * 7919) % 101 - 50;
      const auto price = [](int cents) { return fmt::format("{}.{:02}", cents / 100, cents % 100); };
      csv += fmt::format("{},{},{},{},{},{},{},{}\n", symbol, date, price(base), price(std::max(base, close) + 61),
                         price(std::min(base, close) - 43), price(close), symbol == "C" ? 0 : 100'000 + 977 * i,
                         symbol == "C" ? "XTKS" : "XNYS");
    }
  }
  return csv;
}

std::shared_ptr<const Scenario> scenario_of(const std::string& toml) {
  auto scenario = Scenario::parse(toml, "s.toml");
  if (!scenario) throw std::runtime_error(scenario.error().message);
  return *scenario;
}

std::shared_ptr<const market::FeedPlan> plan_of(const std::string& csv, const std::string& toml,
                                                market::FeedOptions options) {
  auto plan = make_plan(csv, toml, std::move(options));
  if (!plan) throw std::runtime_error(plan.error().message);
  return *plan;
}

std::string refusal_of(const std::string& csv, const std::string& toml, market::FeedOptions options) {
  auto plan = make_plan(csv, toml, std::move(options));
  return plan ? "" : plan.error().message;
}

std::vector<std::string> lines_of(const std::shared_ptr<const market::FeedPlan>& plan,
                                  const market::ReadOptions& options) {
  market::FeedReader reader(plan, options);
  std::vector<std::string> lines;
  while (const auto batch = reader.next())
    for (std::size_t i = 0; i < batch->size(); ++i) lines.emplace_back(batch->record(i));
  return lines;
}

Tick tick_of(const std::string& line) {
  const auto time = parse_micros(between(line, "\"event_time\":\"", "\""));
  return {line,
          between(line, "\"symbol\":\"", "\""),
          between(line, "\"session_date\":\"", "\""),
          time.value().time_since_epoch().count(),
          std::stoull(between(line, "\"seq\":", ",")),
          std::stod(between(line, "\"price\":", ",")),
          std::stoll(between(line, "\"size\":", "}"))};
}

std::vector<Tick> ticks_of(const std::vector<std::string>& lines) {
  std::vector<Tick> ticks;
  ticks.reserve(lines.size());
  for (const std::string& line : lines) ticks.push_back(tick_of(line));
  return ticks;
}

std::int64_t utc(const std::string& text) { return parse_micros(text).value().time_since_epoch().count(); }

}  // namespace stack::scenario::test
