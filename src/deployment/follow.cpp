#include "deployment/follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "core/stoppable_wait.hpp"

namespace stack::deployment {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstLook{250};
constexpr milliseconds kMostBetweenLooks{4'000};
constexpr std::string_view kStackType = "AWS::CloudFormation::Stack";

// What is drawn while waiting, from another thread.
class Waiting {
 public:
  explicit Waiting(std::size_t resources) : resources_(resources) {}

  void done() {
    const std::lock_guard lock{mutex_};
    ++done_;
  }
  void at(const std::string& resource) {
    const std::lock_guard lock{mutex_};
    at_ = resource;
  }
  std::string line() {
    const std::lock_guard lock{mutex_};
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - began_).count();
    return fmt::format("deploy: {} done{}, {}m{:02}s",
                       resources_ > 0 ? fmt::format("{} of {}", done_, resources_) : fmt::format("{}", done_),
                       at_.empty() ? "" : fmt::format(", at {}", at_), took / 60, took % 60);
  }

 private:
  std::mutex mutex_;
  std::size_t resources_;
  std::size_t done_ = 0;
  std::string at_;
  steady_clock::time_point began_ = steady_clock::now();
};

std::string_view word_of(std::string_view status) {
  if (status == "CREATE_COMPLETE") return "made";
  if (status == "UPDATE_COMPLETE") return "changed";
  if (status == "DELETE_COMPLETE") return "removed";
  if (status == "DELETE_SKIPPED") return "kept";
  return status.ends_with("_FAILED") ? "failed" : std::string_view{};
}

// Others were stopped because of the first.
bool is_cause(const aws::StackEvent& event) {
  return event.status.ends_with("_FAILED") && event.type != kStackType &&
         event.reason.find("cancelled") == std::string::npos;
}

void tell(const aws::StackEvent& event, const News& news, Waiting& waiting) {
  if (event.type == kStackType) return;
  const auto word = word_of(event.status);
  if (word.empty()) {
    if (event.status.ends_with("_IN_PROGRESS")) waiting.at(event.resource);
    news.detail(fmt::format("  {}  {} ({})", event.status, event.resource, event.type));
    return;
  }
  if (word != "failed") waiting.done();
  news.say(fmt::format("  {:8}{} ({}){}{}", word, event.resource, event.type, word == "failed" ? ": " : "",
                       word == "failed" ? event.reason : ""));
}

struct Seen {
  aws::StackState state;
  std::vector<aws::StackEvent> events;  // new ones
};

Result<Seen> look(aws::CloudFormation& service, const std::string& id, const std::string& last) {
  STACK_TRY_ASSIGN(state, service.find(id));  // before its events, of which none is then missed
  if (!state) return fail(ErrorKind::failed, fmt::format("stack {} is not there any more", id));
  STACK_TRY_ASSIGN(events, service.events_after(id, last));
  return Seen{.state = *std::move(state), .events = std::move(events)};
}

// The progress line, for as long as this lives.
struct Shown {
  Shown(const News& on, std::shared_ptr<Waiting> waiting) : news(on) {
    news.begin([waiting = std::move(waiting)] { return waiting->line(); });
  }
  ~Shown() { news.end(); }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;
  const News& news;
};

}  // namespace

bool is_at_work(std::string_view status) {
  return status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS";  // which waits for a person
}

Result<StackEnd> follow(aws::CloudFormation& service, const StackWork& work, const News& news, const StopFlag& stop) {
  const auto waiting = std::make_shared<Waiting>(work.resources);
  const Shown shown{news, waiting};
  std::string failure;
  std::string last = work.last_event;
  for (auto between = kFirstLook;; between = std::min(between * 2, kMostBetweenLooks)) {
    auto seen = look(service, work.id, last);
    if (!seen && seen.error().kind != ErrorKind::interrupted) return std::unexpected(std::move(seen).error());
    if (seen) {
      for (const auto& event : seen->events) {
        if (failure.empty() && is_cause(event))
          failure = fmt::format("{} ({}): {}", event.resource, event.type, event.reason);
        tell(event, news, *waiting);
      }
      if (!seen->events.empty()) last = seen->events.back().id;
      if (!is_at_work(seen->state.status)) return StackEnd{std::move(seen->state), std::move(failure)};
    }
    if (!wait_unless_stopped(between, &stop))
      return fail(ErrorKind::interrupted,
                  "stopped watching; AWS goes on with the stack: the same command watches again");
  }
}

}  // namespace stack::deployment
