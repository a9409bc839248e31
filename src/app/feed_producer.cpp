#include "app/feed_producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kafka/partitioner.hpp"
#include "kafka/producer.hpp"
#include "kafka/resume.hpp"
#include "market/replay_plan.hpp"

namespace stack::app {
namespace {

// A transaction is committed after so many events, or so long after its first: readers see nothing before.
constexpr std::uint64_t kEventsPerTransaction = 500'000;
constexpr std::chrono::milliseconds kPacedTransaction{100};
constexpr std::chrono::milliseconds kUnpacedTransaction{1000};

class FeedSender {
 public:
  FeedSender(const market::FeedPlan& plan, const FeedProducerOptions& options, const kafka::TopicFacts& topic,
             const Clock& clock, kafka::Producer& producer, FeedProgress& progress)
      : options_(options), plan_(plan), clock_(clock), producer_(producer), progress_(progress) {
    for (const auto& symbol : plan.symbols()) partitions_.push_back(kafka::partition_of(symbol, topic.partitions));
  }

  // Sends COUNT events of BATCH from index FROM on.
  Result<void> send(const market::FeedBatch& batch, std::size_t from, std::size_t count) {
    if (!open_) {
      STACK_TRY(producer_.begin());
      open_ = true;
      opened_ = clock_.steady();
      events_ = 0;
    }
    records_.clear();
    for (std::size_t i = from; i < from + count; ++i) {
      const auto symbol = batch.symbol[i];
      records_.push_back(
          {.key = plan_.symbols()[symbol],
           .value = batch.record(i),
           .partition = partitions_[symbol],
           .timestamp_ms = options_.timestamps == Timestamps::event ? batch.event_time_us[i] / 1000 : 0});
    }
    STACK_TRY(producer_.send(records_, batch.first_position + from));
    events_ += count;
    progress_.sent += count;
    progress_.bytes += batch.offsets[from + count] - batch.offsets[from];
    return commit_if_due();
  }

  Result<void> commit_if_due() {
    const auto longest = options_.pace.unlimited() ? kUnpacedTransaction : kPacedTransaction;
    const bool due = open_ && (events_ >= kEventsPerTransaction || clock_.steady() - opened_ >= longest);
    return due ? commit() : Result<void>{};
  }

  Result<void> commit() {
    if (!open_) return {};
    STACK_TRY(producer_.commit());
    open_ = false;
    progress_.committed += events_;
    return {};
  }

 private:
  const FeedProducerOptions& options_;
  const market::FeedPlan& plan_;
  const Clock& clock_;
  kafka::Producer& producer_;
  FeedProgress& progress_;
  std::vector<std::int32_t> partitions_;  // of each symbol
  std::vector<kafka::Record> records_;
  bool open_ = false;
  std::chrono::steady_clock::time_point opened_;
  std::uint64_t events_ = 0;  // in the open transaction
};

// Sends BATCH as its events come due; false when asked to stop.
Result<bool> send_paced(const market::FeedBatch& batch, Pacer& pacer, FeedSender& sender, const StopFlag& stop) {
  for (std::size_t done = 0; done < batch.size();) {
    if (stop.requested()) return false;
    const std::size_t due = pacer.due(batch, done);
    if (due == 0) {
      STACK_TRY(sender.commit_if_due());
      continue;
    }
    STACK_TRY(sender.send(batch, done, due));
    done += due;
  }
  return true;
}

}  // namespace

Result<bool> produce_feed(const std::shared_ptr<const market::FeedPlan>& plan, const FeedProducerOptions& options,
                          const kafka::Connection& connection, kafka::Admin& admin, const kafka::TopicFacts& topic,
                          const Clock& clock, const StopFlag& stop, FeedProgress& progress) {
  STACK_TRY_ASSIGN(pacer, Pacer::make(options.pace, *plan, clock));
  const kafka::ProducerOptions producer_options{
      .topic = topic.name,
      .partitions = topic.partitions,
      .feed_id = plan->id(),
      // A feed may be on several topics; each has a predecessor of its own to fence.
      .transactional_id = fmt::format("stack-{}-0-{}", plan->id(), topic.name)};
  STACK_TRY_ASSIGN(producer, kafka::Producer::open(connection, producer_options, &stop));
  STACK_TRY_ASSIGN(position, kafka::next_position(connection, admin, topic, plan->id(), &stop));
  progress.resumed_at = position;
  progress.committed = position;
  if (position >= plan->total_events()) return true;

  market::FeedReader reader{plan, {.first_position = position, .threads = options.threads}};
  FeedSender sender{*plan, options, topic, clock, *producer, progress};
  bool complete = true;
  while (complete) {
    const auto batch = reader.next();
    if (!batch) break;
    auto sent = send_paced(*batch, pacer, sender, stop);
    if (!sent) {
      producer->abort();
      return std::unexpected(std::move(sent).error());
    }
    complete = *sent;
  }
  STACK_TRY(sender.commit());
  return complete;
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
