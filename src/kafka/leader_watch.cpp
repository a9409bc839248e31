#include "kafka/leader_watch.hpp"

#include <simdjson.h>

#include <algorithm>
#include <set>

namespace stack::kafka {
namespace {

namespace dom = simdjson::dom;

// As broker_pulse.cpp: of a process that was stopped and goes on, the cluster knew nothing.
constexpr Milliseconds kLongestStep{2'000};

std::set<std::int64_t> nodes_that_are_up(const dom::element& statistics) {
  std::set<std::int64_t> nodes;
  dom::object brokers;
  if (statistics["brokers"].get(brokers) != simdjson::SUCCESS) return nodes;
  for (const auto& [name, broker] : brokers) {
    std::string_view state;
    std::int64_t node = -1;  // also that of connections to addresses and coordinators, which are no nodes of their own
    const bool known =
        broker["state"].get(state) == simdjson::SUCCESS && broker["nodeid"].get(node) == simdjson::SUCCESS;
    if (known && state == "UP") nodes.insert(node);
  }
  return nodes;
}

}  // namespace

void LeaderWatch::see(std::string_view statistics, Instant now) {
  const bool first = seen_ == Instant{};
  const auto step =
      first ? Milliseconds{0} : std::min(std::chrono::duration_cast<Milliseconds>(now - seen_), kLongestStep);
  dom::parser parser;
  dom::element root;
  if (parser.parse(statistics.data(), statistics.size()).get(root) != simdjson::SUCCESS) return;
  seen_ = now;

  std::string_view group_state;
  const bool in_group = root["cgrp"]["state"].get(group_state) == simdjson::SUCCESS;
  coordinator_absence_ = in_group && group_state != "up" ? coordinator_absence_ + step : Milliseconds{0};

  dom::object partitions;
  if (root["topics"].at_key(topic_)["partitions"].get(partitions) != simdjson::SUCCESS) return;
  const auto up = nodes_that_are_up(root);
  for (const auto& [name, each] : partitions) {
    std::int64_t partition = -1;
    std::int64_t leader = -1;
    const bool known = each["partition"].get(partition) == simdjson::SUCCESS && partition >= 0 &&
                       each["leader"].get(leader) == simdjson::SUCCESS;
    if (!known) continue;  // -1 is the client's own, of no partition
    Milliseconds& absence = absences_[static_cast<std::int32_t>(partition)];
    absence = leader >= 0 && up.contains(leader) ? Milliseconds{0} : absence + step;
  }
}

Milliseconds LeaderWatch::absence(std::int32_t partition) const {
  const auto found = absences_.find(partition);
  return found == absences_.end() ? Milliseconds{0} : found->second;
}

std::optional<LeaderWatch::Absence> LeaderWatch::longest() const {
  const auto found = std::ranges::max_element(absences_, {}, [](const auto& each) { return each.second; });
  if (found == absences_.end() || found->second == Milliseconds{0}) return std::nullopt;
  return Absence{found->first, found->second};
}

}  // namespace stack::kafka
