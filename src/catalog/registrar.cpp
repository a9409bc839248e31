#include "catalog/registrar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace stack::catalog {
namespace {

constexpr Milliseconds kShortestPause{50};  // in which landings gather
constexpr Milliseconds kLongestPause{500};
constexpr Milliseconds kFirstRetry{500};
constexpr Milliseconds kLongestRetry{30'000};

}  // namespace

Registrar::Registrar(lake::ObjectStore& store, Catalog& catalog, const std::string& database, const std::string& table,
                     std::function<void(const std::string&)> warn, const Clock& clock, Projection projection)
    : registration_(store, catalog, database, table, clock, projection),
      warn_(std::move(warn)),
      thread_([this] { work(); }) {}

Registrar::~Registrar() {
  if (thread_.joinable()) (void)finish(Milliseconds{0});
}

void Registrar::landed(lake::Landing landing) {
  {
    const std::scoped_lock lock(mutex_);
    std::ranges::move(landing.files, std::back_inserter(queue_));
  }
  changed_.notify_one();
}

Registrar::Summary Registrar::finish(Milliseconds patience) {
  {
    const std::scoped_lock lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_one();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return ended_; });
  }
  {
    const std::scoped_lock lock(mutex_);  // or a worker about to wait would not hear it
    give_up_.request();
  }
  changed_.notify_one();
  thread_.join();
  const std::scoped_lock lock(mutex_);
  summary_.left += queue_.size();
  return summary_;
}

bool Registrar::wait_for(Milliseconds time, bool unless_finishing) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return give_up_.requested() || (unless_finishing && finishing_); });
  return !give_up_.requested();
}

void Registrar::work() {
  register_all();
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool Registrar::gather(std::vector<lake::LandedFile>& pending) {
  std::unique_lock lock(mutex_);
  if (pending.empty()) changed_.wait(lock, [this] { return !queue_.empty() || finishing_ || give_up_.requested(); });
  std::ranges::move(std::exchange(queue_, {}), std::back_inserter(pending));
  summary_.left = pending.size();
  return !pending.empty();
}

void Registrar::register_all() {
  take_backlog();
  std::vector<lake::LandedFile> pending;
  Milliseconds retry = kFirstRetry;
  while (!give_up_.requested() && gather(pending)) {
    const auto began = std::chrono::steady_clock::now();
    const bool done = attempt(pending);
    const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
    if (!wait_for(done ? std::clamp(took * 2, kShortestPause, kLongestPause) : retry, done)) return;
    retry = done ? kFirstRetry : std::min(retry * 2, kLongestRetry);
  }
}

void Registrar::take_backlog() {
  auto backlog = registration_.backlog();
  if (!backlog) return note_failure(backlog.error(), 0);
  if (!backlog->whole && warn_) warn_("the table has older files that are in no catalog: `stack crawl` registers them");
  const std::scoped_lock lock(mutex_);
  std::ranges::move(backlog->files, std::back_inserter(queue_));
}

bool Registrar::attempt(std::vector<lake::LandedFile>& pending) {
  const auto added = registration_.add(pending, give_up_);
  if (!added) {
    note_failure(added.error(), pending.size());
    return false;
  }
  pending.clear();
  const std::scoped_lock lock(mutex_);
  summary_.files += *added;
  summary_.left = 0;
  failing_ = false;
  return true;
}

void Registrar::note_failure(const Error& error, std::size_t pending) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    ++summary_.failures;
    first = !std::exchange(failing_, true);
  }
  if (!first || !warn_ || error.kind == ErrorKind::interrupted) return;
  warn_(
      fmt::format("{} new files are not in the catalog yet: {}; it is tried again, and `stack crawl` registers what "
                  "is left",
                  pending, error.message));
}

}  // namespace stack::catalog
