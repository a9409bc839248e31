// When each event of a feed is due: as fast as it goes, at a fixed rate, or in market time sped up by a factor, with
// the hours skipped in which no chosen exchange is open.
// Thread-safety: one thread. Never fails once made.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "market/feed.hpp"

namespace stack::app {

struct Pace {
  std::optional<double> rate;   // events a second
  std::optional<double> speed;  // market seconds a second
  [[nodiscard]] bool unlimited() const { return !rate && !speed; }
};

// --rate sets the pace by itself; else --speed (1x, 60x, max), with what the command set as its default.
[[nodiscard]] Result<Pace> parse_pace(const Settings& settings);

// Market time with the closed hours taken out.
class OpenHours {
 public:
  [[nodiscard]] static Result<OpenHours> of(const market::FeedPlan& plan);
  // Microseconds in which any chosen exchange was open before the UTC instant MICROS.
  [[nodiscard]] std::int64_t before(std::int64_t micros) const;
  [[nodiscard]] std::int64_t total() const;

 private:
  struct Interval {
    std::int64_t open;
    std::int64_t close;
    std::int64_t before;  // open time before this interval
  };
  std::vector<Interval> intervals_;
};

class Pacer {
 public:
  using Nap = std::function<void(std::chrono::duration<double>)>;  // what waits; injected, as the clock is
  [[nodiscard]] static Result<Pacer> make(const Pace& pace, const market::FeedPlan& plan, const Clock& clock,
                                          Nap nap = sleep);

  // How many events of BATCH from index FROM on are due now; all of the rest when the pace is unlimited. When none
  // is due it sleeps until the next one is, 100 ms at most, and then answers (perhaps 0).
  [[nodiscard]] std::size_t due(const market::FeedBatch& batch, std::size_t from);

 private:
  Pacer(const Pace& pace, const Clock& clock, Nap nap) : pace_(pace), clock_(&clock), nap_(std::move(nap)) {}
  static void sleep(std::chrono::duration<double> time);
  [[nodiscard]] double due_seconds(const market::FeedBatch& batch, std::size_t index) const;

  Pace pace_;
  const Clock* clock_;
  Nap nap_;
  OpenHours hours_;
  // Feed time and clock time that belong together; moved on when the sender fell behind, so that no burst makes up
  // for a pause.
  std::optional<std::chrono::steady_clock::time_point> anchor_;
  double anchor_seconds_ = 0;
};

}  // namespace stack::app
