// One shard's events of a feed onto its topic: when they are due, in transactions that are committed where that holds
// up nothing.
// Thread-safety: one thread; FeedProgress may be read from any other.
// Failure: as kafka::Producer; the open transaction is then lost as a whole.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/producer.hpp"
#include "market/feed.hpp"
#include "publish/commit_rhythm.hpp"
#include "publish/feed_producer.hpp"
#include "publish/pace.hpp"

namespace stack::publish {

class FeedSender {
 public:
  // All that is referred to outlives the sender.
  FeedSender(const market::FeedPlan& plan, const FeedProducerOptions& options, const kafka::TopicFacts& topic,
             const Clock& clock, Pacer& pacer, kafka::Producer& producer, FeedProgress& progress);

  // Sends what the shard has of BATCH as it comes due; false when asked to stop.
  [[nodiscard]] Result<bool> play(const market::FeedBatch& batch, const StopFlag& stop);
  [[nodiscard]] Result<void> commit();

  // After a failure: what it has done, and what it leaves undecided.
  [[nodiscard]] bool has_committed() const { return committed_; }
  [[nodiscard]] std::uint64_t uncommitted() const {
    return open_ ? events_ : 0;
  }  // events sent in the open transaction
  [[nodiscard]] std::chrono::steady_clock::time_point opened() const { return opened_; }  // the last transaction

 private:
  [[nodiscard]] Result<void> send(const market::FeedBatch& batch, std::size_t from, std::size_t count);
  [[nodiscard]] Result<void> send_records();
  [[nodiscard]] Result<void> commit_transaction();
  [[nodiscard]] Result<void> commit_if_due(CommitRhythm::Duration until_next);
  void note_state();
  void note_delays(const market::FeedBatch& batch);

  const FeedProducerOptions& options_;
  const market::FeedPlan& plan_;
  const Clock& clock_;
  Pacer& pacer_;
  kafka::Producer& producer_;
  FeedProgress& progress_;
  std::vector<std::int32_t> partitions_;  // of each symbol
  std::vector<kafka::Record> records_;    // of the events that are due, those that are the shard's
  bool open_ = false;
  bool committed_ = false;  // a transaction
  std::chrono::steady_clock::time_point opened_;
  std::uint64_t events_ = 0;                                     // in the open transaction
  std::vector<std::pair<Pacer::Moment, std::uint64_t>> unseen_;  // of it: when the first of so many events was due
  CommitRhythm rhythm_;
  Tempo tempo_;  // that was told last
};

}  // namespace stack::publish
