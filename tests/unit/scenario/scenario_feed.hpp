// Feeds with and without a scenario, for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "market/feed.hpp"
#include "scenario/scenario.hpp"

namespace stack::scenario::test {

// DAYS weekdays from 2021-01-04 on of A and B (New York), C (Tokyo), a little different every day; C has no volume.
std::string three_symbols(int days);

// The scenario of TOML, or a failed test.
std::shared_ptr<const Scenario> scenario_of(const std::string& toml);
// The plan of CSV under TOML (empty: without a scenario), or a failed test.
std::shared_ptr<const market::FeedPlan> plan_of(const std::string& csv, const std::string& toml,
                                                market::FeedOptions options = {});
// Why there is no such plan.
std::string refusal_of(const std::string& csv, const std::string& toml, market::FeedOptions options = {});

std::vector<std::string> lines_of(const std::shared_ptr<const market::FeedPlan>& plan,
                                  const market::ReadOptions& options = {});

struct Tick {
  std::string line;
  std::string symbol;
  std::string session_date;
  std::int64_t time = 0;  // UTC microseconds
  std::uint64_t seq = 0;
  double price = 0.0;
  std::int64_t size = 0;
};
// Of a line of the event contract.
Tick tick_of(const std::string& line);
std::vector<Tick> ticks_of(const std::vector<std::string>& lines);

// UTC microseconds of "YYYY-MM-DD HH:MM:SS".
std::int64_t utc(const std::string& text);

}  // namespace stack::scenario::test
