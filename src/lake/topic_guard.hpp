// That a topic is still the one that a sink began with. A topic that is deleted and made again, or another cluster at
// the same address, is read on at the offset that was reached, as if its records were the old topic's; so it is asked
// for between a range's last record and its claim.
// Thread-safety: check() may be called by several threads at once, and one answer serves all that it is recent enough
// for. Failure: open() as Admin; check() ErrorKind::conflict where the topic is another. That nobody answers, or that
// there is no topic of the name now, is no proof of that and for others to say.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "kafka/admin.hpp"

namespace stack::lake {

class TopicGuard {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // By a client of its own: a claim does not wait for what else is asked.
  [[nodiscard]] static Result<std::unique_ptr<TopicGuard>> open(const kafka::Connection& connection,
                                                                kafka::TopicFacts topic, const StopFlag& stop);
  TopicGuard(kafka::Admin admin, kafka::TopicFacts topic) : admin_(std::move(admin)), topic_(std::move(topic)) {}

  // Whether it was the same at READ or later: when the last of its records had come.
  [[nodiscard]] Result<void> check(Instant read = std::chrono::steady_clock::now());

 private:
  [[nodiscard]] Result<void> ask();

  std::mutex asking_;
  kafka::Admin admin_;
  kafka::TopicFacts topic_;
  Instant asked_at_{};
  Result<void> answer_;
  bool answered_ = true;
};

}  // namespace stack::lake
