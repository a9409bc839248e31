#include "app/feed_producer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/feed_sender.hpp"
#include "kafka/producer.hpp"
#include "market/replay_plan.hpp"

namespace stack::app {

kafka::FeedOnTopic feed_on_topic(const market::FeedPlan& plan, const FeedProducerOptions& options,
                                 const kafka::TopicFacts& topic) {
  kafka::FeedOnTopic feed{
      .feed_id = plan.id(), .partitioner = options.partitioner, .shard = options.shard, .partitions = {}};
  const auto partitions = kafka::partitions_of(options.partitioner, plan.symbols(), topic.partitions);
  for (std::size_t symbol = 0; symbol < partitions.size(); ++symbol)
    if (options.shard.has(symbol)) feed.partitions.push_back(partitions[symbol]);
  return feed;
}

Result<bool> produce_feed(const std::shared_ptr<const market::FeedPlan>& plan, const FeedProducerOptions& options,
                          const kafka::Connection& connection, kafka::Admin& admin, const kafka::TopicFacts& topic,
                          const Clock& clock, const StopFlag& stop, FeedProgress& progress) {
  STACK_TRY_ASSIGN(pacer, Pacer::make(options.pace, *plan, clock, options.control));
  // A feed may be on several topics, and in shards; each has a predecessor of its own to fence.
  const auto& shard = options.shard;
  const std::string part = shard.count == 1 ? std::string{"0"} : fmt::format("{}of{}", shard.number, shard.count);
  const kafka::ProducerOptions producer_options{
      .topic = topic.name,
      .partitions = topic.partitions,
      .partitioner = options.partitioner,
      .feed_id = plan->id(),
      .shard = shard,
      .transactional_id = fmt::format("stack-{}-{}-{}", plan->id(), part, topic.name),
      .progress = &progress.kafka};
  const auto feed = feed_on_topic(*plan, options, topic);
  if (feed.partitions.empty()) return true;  // more shards than symbols
  // A shard that fits not beside those on the topic must not fence one that does.
  STACK_TRY(kafka::check_holds_feed(connection, admin, topic, feed, &stop));
  STACK_TRY_ASSIGN(producer, kafka::Producer::open(connection, producer_options, &stop));
  STACK_TRY_ASSIGN(position, kafka::next_position(connection, admin, topic, feed, &stop));
  progress.resumed_at = position;
  progress.reached = position;
  progress.committed = position;
  if (position >= plan->total_events()) return true;

  market::FeedReader reader{plan, {.first_position = position, .threads = options.threads}};
  FeedSender sender{*plan, options, topic, clock, pacer, *producer, progress};
  bool complete = true;
  while (complete) {
    const auto batch = reader.next();
    if (!batch) break;
    auto sent = sender.play(*batch, stop);
    if (!sent) {
      producer->abort();
      return std::unexpected(std::move(sent).error());
    }
    complete = *sent;
  }
  STACK_TRY(sender.commit());
  progress.state = FeedState::done;
  return complete;
}

Result<kafka::Partitioner> parse_partitioner(const Settings& settings) {
  const auto name = settings.choice("partitioner", {"murmur2", "balanced"});
  if (!name) return std::unexpected(name.error());
  return *name == "balanced" ? kafka::Partitioner::balanced : kafka::Partitioner::murmur2;
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
  return kafka::NewTopic{.name = std::move(name),
                         .partitions = static_cast<std::int32_t>(*partitions),
                         .replication = replication ? static_cast<std::int32_t>(*replication) : -1,
                         .configs = kafka::feed_topic_configs()};
}

Result<kafka::TopicFacts> ensure_feed_topic(const Settings& settings, kafka::Admin& admin, kafka::NewTopic wanted,
                                            kafka::RecordTimes times, Progress& progress) {
  wanted.configs = kafka::feed_topic_configs(times);
  STACK_TRY_ASSIGN(found, admin.topic(wanted.name));
  if (found && !settings.given("partitions")) wanted.partitions = found->partitions;
  STACK_TRY_ASSIGN(topic, admin.ensure_topic(wanted));
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

kafka::RecordTimes record_times(Timestamps timestamps, const market::FeedPlan& plan, const Clock& clock) {
  if (timestamps == Timestamps::now) return kafka::RecordTimes::sent;
  // A session may close on the next day of UTC.
  const bool past = plan.selection().last + std::chrono::days{2} < clock.now();
  return past ? kafka::RecordTimes::event : kafka::RecordTimes::event_to_come;
}

Result<Timestamps> parse_timestamps(const Settings& settings, const market::FeedPlan& plan) {
  STACK_TRY_ASSIGN(name, settings.choice("timestamps", {"now", "event"}));
  if (name == "now") return Timestamps::now;
  if (plan.options().mode == market::Mode::sample)
    return std::unexpected(settings.wrong("timestamps", "for --mode sample, whose rows have no time of day"));
  const bool too_early = std::ranges::any_of(plan.replay()->symbols(), [](const market::SymbolPlan& symbol) {
    return symbol.calendar->window(symbol.bars.front().day).open < 0;
  });
  if (too_early)
    return fail(ErrorKind::usage, fmt::format("--timestamps event: Kafka has no times before 1970; begin later with {}",
                                              market::is_model(plan.options().mode) ? "--start-date" : "--from"));
  return Timestamps::event;
}

}  // namespace stack::app
