#include "app/producer_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "market/replay_plan.hpp"

namespace stack::app {

Result<kafka::Partitioner> parse_partitioner(const Settings& settings) {
  const auto name = settings.choice("partitioner", {"murmur2", "balanced"});
  if (!name) return std::unexpected(name.error());
  return *name == "balanced" ? kafka::Partitioner::balanced : kafka::Partitioner::murmur2;
}

Result<kafka::HeaderPlacement> parse_header_placement(const Settings& settings, const publish::Pace& pace) {
  const auto name = settings.choice("headers", {"auto", "record", "batch"});
  if (!name) return std::unexpected(name.error());
  const bool every = *name == "record" || (*name == "auto" && !pace.tempo.unlimited());
  return every ? kafka::HeaderPlacement::record : kafka::HeaderPlacement::batch;
}

Result<kafka::Shard> parse_shard(const Settings& settings) {
  if (!settings.given("shard")) return kafka::Shard{};
  const auto shard = kafka::parse_shard(settings.text("shard"));
  if (!shard)
    return std::unexpected(settings.wrong(
        "shard", fmt::format("i/n: the i-th of n producers, 1 <= i <= n <= {}, such as 2/3", kafka::kMostShards)));
  return *shard;
}

Result<kafka::NewTopic> new_topic(const Settings& settings, std::string name) {
  STACK_TRY_ASSIGN(partitions, settings.whole("partitions", 1, 10'000));
  STACK_TRY_ASSIGN(replication, settings.whole("replication", 1, 100));
  // For any feed, where the cluster takes what events' own times ask for.
  const bool serverless = settings.text("bootstrap-servers").find(".kafka-serverless.") != std::string::npos;
  const auto times = serverless ? kafka::RecordTimes::sent : kafka::RecordTimes::event;
  return kafka::NewTopic{.name = std::move(name),
                         .partitions = static_cast<std::int32_t>(*partitions),
                         .replication = replication ? static_cast<std::int32_t>(*replication) : -1,
                         .configs = kafka::feed_topic_configs(times)};
}

Result<kafka::TopicFacts> ensure_feed_topic(const Settings& settings, kafka::Admin& admin, kafka::NewTopic wanted,
                                            kafka::RecordTimes times, Progress& progress, const StopFlag& stop) {
  wanted.configs = kafka::feed_topic_configs(times);
  STACK_TRY_ASSIGN(found, admin.topic(wanted.name));
  if (found && !settings.given("partitions")) wanted.partitions = found->partitions;
  STACK_TRY_ASSIGN(topic, admin.ensure_topic(wanted, &stop));
  auto configs = admin.topic_configs(topic.name);
  if (!configs && configs.error().kind == ErrorKind::access && times == kafka::RecordTimes::sent) {
    // A producer needs no right to read settings, and its records' times are harmless.
    progress.warn(fmt::format("{}; not checked that it is not compacted", configs.error().message));
    return topic;
  }
  if (!configs) return std::unexpected(std::move(configs).error());
  STACK_TRY(kafka::check_feed_topic(topic.name, *configs, times));
  return topic;
}

Result<publish::Timestamps> parse_timestamps(const Settings& settings, const market::FeedPlan& plan) {
  STACK_TRY_ASSIGN(name, settings.choice("timestamps", {"now", "event"}));
  if (name == "now") return publish::Timestamps::now;
  if (plan.options().mode == market::Mode::sample)
    return std::unexpected(settings.wrong("timestamps", "for --mode sample, whose rows have no time of day"));
  const bool too_early = std::ranges::any_of(plan.replay()->symbols(), [](const market::SymbolPlan& symbol) {
    return symbol.calendar->window(symbol.bars.front().day).open < 0;
  });
  if (too_early)
    return fail(ErrorKind::usage, fmt::format("--timestamps event: Kafka has no times before 1970; begin later with {}",
                                              market::is_model(plan.options().mode) ? "--start-date" : "--from"));
  return publish::Timestamps::event;
}

}  // namespace stack::app
