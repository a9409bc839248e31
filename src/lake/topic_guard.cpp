#include "lake/topic_guard.hpp"

#include <fmt/format.h>

#include <utility>

namespace stack::lake {
namespace {

constexpr Milliseconds kPatience{1'000};
constexpr Milliseconds kSecondPatience{100};  // once nobody has answered: every claim of a sink that ends would wait

}  // namespace

Result<std::unique_ptr<TopicGuard>> TopicGuard::open(const kafka::Connection& connection, kafka::TopicFacts topic,
                                                     const StopFlag& stop) {
  STACK_TRY_ASSIGN(admin, kafka::Admin::connect(connection, &stop));
  return std::make_unique<TopicGuard>(std::move(admin), std::move(topic));
}

Result<void> TopicGuard::check(Instant read) {
  if (topic_.id.empty()) return {};  // of a broker too old to give ids
  const std::scoped_lock lock(asking_);
  if (asked_at_ > read) return answer_;
  asked_at_ = std::chrono::steady_clock::now();
  answer_ = ask();
  return answer_;
}

Result<void> TopicGuard::ask() {
  const auto now = admin_.topic(topic_.name, answered_ ? kPatience : kSecondPatience);
  answered_ = now.has_value();
  if (!now || !*now || (*now)->id.empty() || (*now)->id == topic_.id) return {};
  return fail(ErrorKind::conflict,
              fmt::format("topic {} was made anew, or another cluster answers now: its id was {} when this sink began, "
                          "and is {}; nothing of it was taken; use a new --table or --lake for it, or the old topic",
                          topic_.name, topic_.id, (*now)->id));
}

}  // namespace stack::lake
