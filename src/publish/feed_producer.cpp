#include "publish/feed_producer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kafka/producer.hpp"
#include "publish/feed_sender.hpp"

namespace stack::publish {

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

kafka::RecordTimes record_times(Timestamps timestamps, const market::FeedPlan& plan, const Clock& clock) {
  if (timestamps == Timestamps::now) return kafka::RecordTimes::sent;
  // A session may close on the next day of UTC.
  const bool past = plan.selection().last + std::chrono::days{2} < clock.now();
  return past ? kafka::RecordTimes::event : kafka::RecordTimes::event_to_come;
}

}  // namespace stack::publish
