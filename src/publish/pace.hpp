// When each event of a feed is due: as fast as it goes, at a fixed rate, or in market time sped up by a factor, with
// the hours in which no chosen exchange is open skipped or kept.
// Due times follow from one anchor, a moment of the clock and a place in the feed that belong together, so they do not
// drift. The anchor moves when the sender fell further behind than the catch-up bound, when the pace changes and while
// it is held; never so that an event comes early or that a burst makes up for more than the bound.
// Thread-safety: one thread; what others want of it they tell its PaceControl. Never fails once made.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/feed.hpp"
#include "publish/open_hours.hpp"
#include "publish/pace_control.hpp"

namespace stack::publish {

struct Pace {
  Tempo tempo;
  bool keep_gaps = false;            // closed hours last as long as they did, divided by the speed
  Milliseconds catch_up{1000};       // a sender that fell further behind starts anew from now; 0: none catches up
  std::optional<Micros> start_at{};  // by the wall clock; the first event is due then, or at once where that is past
};

// "60x", "0.5", "max"; nothing for what is no speed.
[[nodiscard]] std::optional<Tempo> parse_speed(std::string_view text);
[[nodiscard]] std::string tempo_text(const Tempo& tempo);  // "60x", "5000 events/s", "max"

class Pacer {
 public:
  using Nap = std::function<void(std::chrono::nanoseconds)>;  // what waits; injected, as the clock is
  using Moment = std::chrono::steady_clock::time_point;
  // CONTROL: null where nobody steers; a tempo that it was told, also before, takes the place of PACE's.
  [[nodiscard]] static Result<Pacer> make(const Pace& pace, const market::FeedPlan& plan, const Clock& clock,
                                          const PaceControl* control = nullptr, Nap nap = sleep);

  // How many events of BATCH from index FROM on are due now: all of the rest when the pace is unlimited, none while it
  // is paused or its start is to come.
  [[nodiscard]] std::size_t due(const market::FeedBatch& batch, std::size_t from);
  // Sleeps until event FROM of BATCH is due, but 20 ms at most, so that stop and pause are heeded, and half a
  // millisecond at least, so that what falls due in a dense feed is sent in batches; not at all when the pace is
  // unlimited. Call due() before.
  void wait(const market::FeedBatch& batch, std::size_t from);

  // How long until event FROM is due: 0 when it is, the longest of all while the feed is held. Call due() before.
  [[nodiscard]] std::chrono::nanoseconds until_due(const market::FeedBatch& batch, std::size_t from) const;
  // When event INDEX, one of those that due() counted last, was due. Precondition: a limited pace.
  [[nodiscard]] Moment due_at(const market::FeedBatch& batch, std::size_t index) const;
  [[nodiscard]] const Tempo& tempo() const { return tempo_; }
  [[nodiscard]] bool unlimited() const { return tempo_.unlimited(); }
  [[nodiscard]] bool starting() const { return start_at_.has_value(); }  // waits for --start-at

  [[nodiscard]] bool held() const { return held_; }  // paused, or waiting for its start

  // How often the sender was further behind than the bound, and how much time the feed lost by that.
  [[nodiscard]] std::uint64_t times_behind() const { return times_behind_; }
  [[nodiscard]] std::chrono::nanoseconds time_lost() const { return time_lost_; }

 private:
  Pacer(const Pace& pace, const Clock& clock, const PaceControl* control, Nap nap);
  static void sleep(std::chrono::nanoseconds time);
  [[nodiscard]] bool to_hold(Moment now);
  void heed_changes(Moment now, const market::FeedBatch& batch, std::size_t from);
  void enter(const market::FeedBatch& batch);
  [[nodiscard]] std::int64_t raw_place(const market::FeedBatch& batch, std::size_t index) const;
  [[nodiscard]] double place(const market::FeedBatch& batch, std::size_t index) const;
  [[nodiscard]] double reached(Moment now) const;
  [[nodiscard]] std::chrono::nanoseconds time_of(double places) const;
  [[nodiscard]] double standing(Moment now, const market::FeedBatch& batch, std::size_t from) const;
  void stand_at(Moment now, double place);

  Tempo tempo_;
  bool keep_gaps_;
  std::chrono::nanoseconds most_behind_;
  std::optional<Micros> start_at_;  // gone once it has passed
  const Clock* clock_;
  const PaceControl* control_;
  Nap nap_;
  OpenHours hours_;
  double places_a_second_ = 0;  // a place is an event at a rate, a microsecond of market time at a speed

  std::optional<Moment> anchor_;
  double anchor_place_ = 0;
  bool held_ = false;          // at the last due()
  std::uint64_t changes_ = 0;  // of control_ that were heeded

  // The batch that is being sent, and where it lies in market time.
  std::optional<std::uint64_t> entered_;  // position of its first event
  std::uint64_t pass_ = 0;                // of a loop, that it is of
  std::int64_t passes_ = 0;               // market time of the passes before that
  std::int64_t pass_length_ = 0;          // of the last of them
  std::int64_t last_raw_ = 0;             // place of its last event in its pass
  std::optional<std::int64_t> base_;      // place of the first event of all, taken off all others

  std::uint64_t times_behind_ = 0;
  std::chrono::nanoseconds time_lost_{0};
};

}  // namespace stack::publish
