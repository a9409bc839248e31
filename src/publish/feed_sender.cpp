#include "publish/feed_sender.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "publish/feed_delays.hpp"

namespace stack::publish {
namespace {

// A transaction is committed after so many events, or so long after its first: readers see nothing before.
constexpr std::uint64_t kEventsPerTransaction = 500'000;
constexpr Milliseconds kLongestTransaction{1000};

constexpr std::int32_t kElsewhere = -1;  // of a symbol that is another shard's

}  // namespace

FeedSender::FeedSender(const market::FeedPlan& plan, const FeedProducerOptions& options, const kafka::TopicFacts& topic,
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
  opened_ = clock.steady();
  tempo_ = pacer.tempo();
  for (std::size_t symbol = 0; symbol < partitions_.size(); ++symbol)
    if (!options.shard.has(symbol)) partitions_[symbol] = kElsewhere;
}

Result<bool> FeedSender::play(const market::FeedBatch& batch, const StopFlag& stop) {
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
    note_state();
    pacer_.wait(batch, done);
  }
  return true;
}

void FeedSender::note_state() {
  const auto before = progress_.state.load();
  const auto now = pacer_.starting() ? FeedState::waiting : pacer_.held() ? FeedState::paused : FeedState::running;
  progress_.state = now;
  if (!options_.on_steered) return;
  if (now == FeedState::paused && before != now)
    options_.on_steered(fmt::format("paused at position {}", progress_.reached.load()));
  if (before == FeedState::paused && before != now)
    options_.on_steered(fmt::format("goes on at position {}", progress_.reached.load()));
  if (pacer_.tempo() != tempo_)
    options_.on_steered(
        fmt::format("pace {} from position {} on", tempo_text(pacer_.tempo()), progress_.reached.load()));
  tempo_ = pacer_.tempo();
}

Result<void> FeedSender::commit() {
  if (open_) STACK_TRY(commit_transaction());
  progress_.committed = progress_.reached.load();
  return {};
}

Result<void> FeedSender::commit_transaction() {
  const auto began = clock_.steady();
  STACK_TRY(producer_.commit());
  const auto now = clock_.steady();
  rhythm_.took(now - began);
  open_ = false;
  committed_ = true;
  progress_.committed_events += events_;
  for (const auto& [due, events] : unseen_)
    progress_.due_to_visible.record(std::chrono::ceil<std::chrono::microseconds>(now - due), events);
  unseen_.clear();
  return {};
}

// COUNT events of BATCH from index FROM on.
Result<void> FeedSender::send(const market::FeedBatch& batch, std::size_t from, std::size_t count) {
  records_.clear();
  for (std::size_t i = from; i < from + count; ++i) {
    const auto symbol = batch.symbol[i];
    if (partitions_[symbol] == kElsewhere) continue;
    records_.push_back({.key = plan_.symbols()[symbol],
                        .value = batch.record(i),
                        .partition = partitions_[symbol],
                        .position = batch.first_position + i,
                        .timestamp_ms = options_.timestamps == Timestamps::event ? batch.event_time_us[i] / 1000 : 0});
  }
  if (!records_.empty()) {
    STACK_TRY(send_records());
    if (!pacer_.unlimited()) note_delays(batch);
  }
  progress_.reached = batch.first_position + from + count;
  return {};
}

Result<void> FeedSender::send_records() {
  if (!open_) {
    STACK_TRY(producer_.begin());
    open_ = true;
    opened_ = clock_.steady();
    events_ = 0;
  }
  if (progress_.first_sent_us == 0)
    progress_.first_sent_us = std::chrono::floor<std::chrono::microseconds>(clock_.steady().time_since_epoch()).count();
  STACK_TRY(producer_.send(records_));
  std::uint64_t bytes = 0;
  for (const auto& record : records_) bytes += record.value.size() + 1;
  events_ += records_.size();
  progress_.sent += records_.size();
  progress_.bytes += bytes;
  return {};
}

// UNTIL_NEXT: how long until the next event is due.
Result<void> FeedSender::commit_if_due(CommitRhythm::Duration until_next) {
  if (!open_) return commit();
  const auto age = clock_.steady() - opened_;
  const bool due = events_ >= kEventsPerTransaction ||
                   (pacer_.unlimited() ? age >= kLongestTransaction || until_next == CommitRhythm::Duration::max()
                                       : rhythm_.due(age, until_next));
  return due ? commit() : Result<void>{};
}

void FeedSender::note_delays(const market::FeedBatch& batch) {
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

}  // namespace stack::publish
