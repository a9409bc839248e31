#include "publish/feed_producer.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "kafka/producer.hpp"
#include "publish/feed_sender.hpp"

namespace stack::publish {

kafka::FeedOnTopic feed_on_topic(const market::FeedPlan& plan, const FeedProducerOptions& options,
                                 const kafka::TopicFacts& topic) {
  kafka::FeedOnTopic feed{.feed_id = plan.id(),
                          .partitioner = options.partitioner,
                          .shard = options.shard,
                          .event_times = options.timestamps == Timestamps::event,
                          .partitions = {}};
  const auto partitions = kafka::partitions_of(options.partitioner, plan.symbols(), topic.partitions);
  for (std::size_t symbol = 0; symbol < partitions.size(); ++symbol)
    if (options.shard.has(symbol)) feed.partitions.push_back(partitions[symbol]);
  return feed;
}

namespace {

constexpr Milliseconds kBeforeAnother{200};  // producer, after one that lost its transaction

// A feed may be on several topics, and in shards; each has a predecessor of its own to fence.
std::string transactional_id(const market::FeedPlan& plan, const kafka::Shard& shard, const std::string& topic) {
  const std::string part = shard.count == 1 ? std::string{"0"} : fmt::format("{}of{}", shard.number, shard.count);
  return fmt::format("stack-{}-{}-{}", plan.id(), part, topic);
}

// One feed onto one topic, by one producer after the other: a transaction that the cluster drops (a broker that stood
// still or changed hands in its middle) is the end of its producer, not of the feed.
class Publication {
 public:
  Publication(std::shared_ptr<const market::FeedPlan> plan, const FeedProducerOptions& options,
              const kafka::Connection& connection, kafka::Admin& admin, const kafka::TopicFacts& topic,
              const Clock& clock, const StopFlag& stop, FeedProgress& progress)
      : plan_(std::move(plan)),
        options_(options),
        connection_(connection),
        admin_(admin),
        topic_(topic),
        clock_(clock),
        stop_(stop),
        progress_(progress),
        feed_(feed_on_topic(*plan_, options, topic)) {}

  Result<bool> play() {
    if (feed_.partitions.empty()) return true;  // more shards than symbols
    STACK_TRY_ASSIGN(pacer, Pacer::make(options_.pace, *plan_, clock_, options_.control));
    // A shard that fits not beside those on the topic must not fence one that does.
    STACK_TRY(kafka::check_holds_feed(connection_, admin_, topic_, feed_, &stop_));
    for (;;) {
      transaction_lost_ = false;
      auto complete = play_by_one_producer(pacer);
      if (complete || !transaction_lost_) return complete;
      if (connection_.on_notice)
        connection_.on_notice(fmt::format("{}/{}: the transaction was lost and is sent again ({})", topic_.name,
                                          progress_.committed.load(), complete.error().message));
      std::this_thread::sleep_for(kBeforeAnother);
    }
  }

 private:
  Result<bool> play_by_one_producer(Pacer& pacer) {
    const kafka::ProducerOptions producer_options{
        .topic = topic_.name,
        .partitions = topic_.partitions,
        .partitioner = options_.partitioner,
        .feed_id = plan_->id(),
        .shard = options_.shard,
        .event_times = options_.timestamps == Timestamps::event,
        .headers = options_.headers,
        .transactional_id = transactional_id(*plan_, options_.shard, topic_.name),
        .progress = &progress_.kafka};
    STACK_TRY_ASSIGN(producer, kafka::Producer::open(connection_, producer_options, &stop_));
    STACK_TRY_ASSIGN(position, kafka::next_position(connection_, admin_, topic_, feed_, &stop_));
    note_position(position);
    if (position >= plan_->total_events()) return true;

    FeedSender sender{*plan_, options_, topic_, clock_, pacer, *producer, progress_};
    auto complete = send_from(position, sender);
    if (complete) return complete;
    uncertain_ = sender.uncommitted();
    if (sender.has_committed()) trouble_since_.reset();
    if (!trouble_since_) trouble_since_ = sender.opened();
    transaction_lost_ = complete.error().kind == ErrorKind::unreachable && producer->cluster_is_there() &&
                        clock_.steady() - *trouble_since_ < connection_.connect_timeout && !stop_.requested();
    producer->abort();
    return complete;
  }

  // What the topic says counts, also of a commit whose answer was lost: the transaction is there as a whole or not.
  void note_position(std::uint64_t position) {
    if (!opened_before_) progress_.resumed_at = position;
    if (opened_before_ && position > progress_.committed) progress_.committed_events += uncertain_;
    opened_before_ = true;
    uncertain_ = 0;
    progress_.reached = position;
    progress_.committed = position;
  }

  Result<bool> send_from(std::uint64_t position, FeedSender& sender) {
    market::FeedReader reader{plan_, {.first_position = position, .threads = options_.threads}};
    bool complete = true;
    while (complete) {
      const auto batch = reader.next();
      if (!batch) break;
      STACK_TRY_ASSIGN(played, sender.play(*batch, stop_));
      complete = played;
    }
    STACK_TRY(sender.commit());
    return complete;
  }

  std::shared_ptr<const market::FeedPlan> plan_;
  const FeedProducerOptions& options_;
  const kafka::Connection& connection_;
  kafka::Admin& admin_;
  const kafka::TopicFacts& topic_;
  const Clock& clock_;
  const StopFlag& stop_;
  FeedProgress& progress_;
  kafka::FeedOnTopic feed_;
  bool opened_before_ = false;
  bool transaction_lost_ = false;  // of the last producer, which another may replace
  // When the first of the transactions began that were lost one after the other.
  std::optional<std::chrono::steady_clock::time_point> trouble_since_;
  std::uint64_t uncertain_ = 0;  // its events of which it is not known whether they were committed
};

}  // namespace

Result<bool> produce_feed(const std::shared_ptr<const market::FeedPlan>& plan, const FeedProducerOptions& options,
                          const kafka::Connection& connection, kafka::Admin& admin, const kafka::TopicFacts& topic,
                          const Clock& clock, const StopFlag& stop, FeedProgress& progress) {
  Publication publication{plan, options, connection, admin, topic, clock, stop, progress};
  auto complete = publication.play();
  if (complete) progress.state = FeedState::done;
  return complete;
}

kafka::RecordTimes record_times(Timestamps timestamps, const market::FeedPlan& plan, const Clock& clock) {
  if (timestamps == Timestamps::now) return kafka::RecordTimes::sent;
  // A session may close on the next day of UTC.
  const bool past = plan.selection().last + std::chrono::days{2} < clock.now();
  return past ? kafka::RecordTimes::event : kafka::RecordTimes::event_to_come;
}

}  // namespace stack::publish
