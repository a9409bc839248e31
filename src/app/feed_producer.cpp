#include "app/feed_producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/commit_rhythm.hpp"
#include "app/feed_delays.hpp"
#include "kafka/producer.hpp"
#include "market/replay_plan.hpp"

namespace stack::app {
namespace {

// A transaction is committed after so many events, or so long after its first: readers see nothing before.
constexpr std::uint64_t kEventsPerTransaction = 500'000;
constexpr std::chrono::milliseconds kLongestTransaction{1000};

class FeedSender {
 public:
  FeedSender(const market::FeedPlan& plan, const FeedProducerOptions& options, const kafka::TopicFacts& topic,
             const Clock& clock, Pacer& pacer, kafka::Producer& producer, FeedProgress& progress)
      : options_(options),
        plan_(plan),
        clock_(clock),
        pacer_(pacer),
        producer_(producer),
        progress_(progress),
        partitions_(kafka::partitions_of(options.partitioner, plan.symbols(), topic.partitions)),
        // What a broker held up is committed by then comes at once when it goes on: no more than may be caught up.
        rhythm_(std::min<Milliseconds>(kLongestTransaction, options.pace.catch_up)) {
    for (std::size_t symbol = 0; symbol < partitions_.size(); ++symbol)
      if (!options.shard.has(symbol)) partitions_[symbol] = kElsewhere;
  }

  // Sends what the shard has of BATCH as its events come due; false when asked to stop.
  Result<bool> play(const market::FeedBatch& batch, const StopFlag& stop) {
    for (std::size_t done = 0; done < batch.size();) {
      if (stop.requested()) return false;
      const std::size_t due = pacer_.due(batch, done);
      if (due > 0) {
        STACK_TRY(send(batch, done, due));
        done += due;
        STACK_TRY(commit_if_due({}));
      } else {
        STACK_TRY(producer_.idle());
      }
      if (done == batch.size()) break;  // when the next batch's first event is due is known when it is here
      STACK_TRY(commit_if_due(pacer_.until_due(batch, done)));
      progress_.state = pacer_.starting() ? FeedState::waiting : pacer_.held() ? FeedState::paused : FeedState::running;
      pacer_.wait(batch, done);
    }
    return true;
  }

  Result<void> commit() {
    if (open_) STACK_TRY(commit_transaction());
    progress_.committed = progress_.reached.load();
    return {};
  }

 private:
  static constexpr std::int32_t kElsewhere = -1;  // of a symbol that is another shard's

  // Sends what the shard has of COUNT events of BATCH from index FROM on.
  Result<void> send(const market::FeedBatch& batch, std::size_t from, std::size_t count) {
    records_.clear();
    std::uint64_t bytes = 0;
    for (std::size_t i = from; i < from + count; ++i) {
      const auto symbol = batch.symbol[i];
      if (partitions_[symbol] == kElsewhere) continue;
      records_.push_back(
          {.key = plan_.symbols()[symbol],
           .value = batch.record(i),
           .partition = partitions_[symbol],
           .position = batch.first_position + i,
           .timestamp_ms = options_.timestamps == Timestamps::event ? batch.event_time_us[i] / 1000 : 0});
      bytes += records_.back().value.size() + 1;
    }
    if (!records_.empty()) STACK_TRY(send_records(bytes));
    if (!records_.empty() && !pacer_.unlimited()) note_delays(batch);
    progress_.reached = batch.first_position + from + count;
    return {};
  }

  Result<void> send_records(std::uint64_t bytes) {
    if (!open_) {
      STACK_TRY(producer_.begin());
      open_ = true;
      opened_ = clock_.steady();
      events_ = 0;
    }
    STACK_TRY(producer_.send(records_));
    events_ += records_.size();
    progress_.sent += records_.size();
    progress_.bytes += bytes;
    return {};
  }

  // UNTIL_NEXT: how long until the next event is due.
  Result<void> commit_if_due(CommitRhythm::Duration until_next) {
    if (!open_) return commit();
    const auto age = clock_.steady() - opened_;
    const bool due = events_ >= kEventsPerTransaction ||
                     (pacer_.unlimited() ? age >= kLongestTransaction || until_next == CommitRhythm::Duration::max()
                                         : rhythm_.due(age, until_next));
    return due ? commit() : Result<void>{};
  }

  Result<void> commit_transaction() {
    const auto began = clock_.steady();
    STACK_TRY(producer_.commit());
    const auto now = clock_.steady();
    rhythm_.took(now - began);
    open_ = false;
    progress_.committed_events += events_;
    for (const auto& [due, events] : unseen_)
      progress_.due_to_visible.record(std::chrono::ceil<std::chrono::microseconds>(now - due), events);
    unseen_.clear();
    return {};
  }

  void note_delays(const market::FeedBatch& batch) {
    const auto now = clock_.steady();
    const auto due_at = [&](const kafka::Record& record) {
      return pacer_.due_at(batch, static_cast<std::size_t>(record.position - batch.first_position));
    };
    record_delays(records_, due_at, now, progress_.due_to_sent);
    unseen_.emplace_back(due_at(records_.front()), records_.size());
    progress_.behind_us = std::chrono::duration_cast<std::chrono::microseconds>(now - due_at(records_.back())).count();
    progress_.times_behind = pacer_.times_behind();
    progress_.lost_us = std::chrono::duration_cast<std::chrono::microseconds>(pacer_.time_lost()).count();
  }

  const FeedProducerOptions& options_;
  const market::FeedPlan& plan_;
  const Clock& clock_;
  Pacer& pacer_;
  kafka::Producer& producer_;
  FeedProgress& progress_;
  std::vector<std::int32_t> partitions_;  // of each symbol, or kElsewhere
  std::vector<kafka::Record> records_;
  bool open_ = false;
  std::chrono::steady_clock::time_point opened_;
  std::uint64_t events_ = 0;                                     // in the open transaction
  std::vector<std::pair<Pacer::Moment, std::uint64_t>> unseen_;  // of it: when the first of so many events was due
  CommitRhythm rhythm_;
};

}  // namespace

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
  if (!configs && configs.error().kind == ErrorKind::usage && times == kafka::RecordTimes::sent) {
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
