#include "app/pace.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <thread>

namespace stack::app {
namespace {

// A sender that is further behind than this starts anew from now.
constexpr double kMostCatchUpSeconds = 1.0;
constexpr std::chrono::milliseconds kLongestNap{100};

// None: as fast as it goes.
Result<std::optional<double>> parse_speed(const Settings& settings) {
  auto text = settings.text("speed");
  if (text.empty() || text == "max") return std::nullopt;
  if (text.back() == 'x') text.pop_back();
  double speed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
  if (error != std::errc{} || end != text.data() + text.size() || !(speed > 0) || !std::isfinite(speed))
    return std::unexpected(settings.wrong("speed", "max or a factor above 0 such as 1x, 60x or 0.5x"));
  return speed;
}

}  // namespace

Result<Pace> parse_pace(const Settings& settings) {
  STACK_TRY_ASSIGN(rate, settings.positive("rate"));
  STACK_TRY_ASSIGN(speed, parse_speed(settings));
  if (rate) return Pace{.rate = rate, .speed = {}};  // sets the pace by itself
  return Pace{.rate = {}, .speed = speed};
}

Result<OpenHours> OpenHours::of(const market::FeedPlan& plan) {
  OpenHours hours;
  const auto& slices = plan.selection().slices;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    STACK_TRY_ASSIGN(calendar, market::SessionCalendar::make(*plan.facts()[i].exchange, slices[i].bars.front().date(),
                                                             slices[i].bars.back().date()));
    for (const auto& bar : slices[i].bars) {
      const auto window = calendar.window(bar.day);
      if (window.break_begin == window.break_end) {
        hours.intervals_.push_back({window.open, window.close, 0});
      } else {
        hours.intervals_.push_back({window.open, window.break_begin, 0});
        hours.intervals_.push_back({window.break_end, window.close, 0});
      }
    }
  }
  std::ranges::sort(hours.intervals_, {}, &Interval::open);
  std::vector<Interval> merged;
  for (const auto& interval : hours.intervals_) {
    if (!merged.empty() && interval.open <= merged.back().close) {
      merged.back().close = std::max(merged.back().close, interval.close);
    } else {
      merged.push_back(interval);
    }
  }
  std::int64_t before = 0;
  for (auto& interval : merged) {
    interval.before = before;
    before += interval.close - interval.open;
  }
  hours.intervals_ = std::move(merged);
  return hours;
}

std::int64_t OpenHours::before(std::int64_t micros) const {
  const auto after = std::ranges::upper_bound(intervals_, micros, {}, &Interval::open);
  if (after == intervals_.begin()) return 0;
  const auto& interval = *std::prev(after);
  return interval.before + std::min(micros, interval.close) - interval.open;
}

std::int64_t OpenHours::total() const {
  return intervals_.empty() ? 0 : intervals_.back().before + intervals_.back().close - intervals_.back().open;
}

void Pacer::sleep(std::chrono::duration<double> time) { std::this_thread::sleep_for(time); }

Result<Pacer> Pacer::make(const Pace& pace, const market::FeedPlan& plan, const Clock& clock, Nap nap) {
  Pacer pacer{pace, clock, std::move(nap)};
  if (pace.speed) {
    if (plan.options().mode == market::Mode::sample)
      return fail(ErrorKind::usage, "--speed: sampled rows have no time of day to play; use --rate N or --speed max");
    STACK_TRY_ASSIGN(hours, OpenHours::of(plan));
    pacer.hours_ = std::move(hours);
  }
  return pacer;
}

double Pacer::due_seconds(const market::FeedBatch& batch, std::size_t index) const {
  if (pace_.rate) return static_cast<double>(batch.first_position + index) / *pace_.rate;
  const double passes_before = static_cast<double>(batch.pass) * static_cast<double>(hours_.total());
  return (passes_before + static_cast<double>(hours_.before(batch.publish_time(index)))) / 1e6 / *pace_.speed;
}

std::size_t Pacer::due(const market::FeedBatch& batch, std::size_t from) {
  if (pace_.unlimited()) return batch.size() - from;
  auto now = clock_->steady();
  const double next = due_seconds(batch, from);
  if (!anchor_) {
    anchor_ = now;
    anchor_seconds_ = next;
  }
  const auto since = [&] { return std::chrono::duration<double>(now - *anchor_).count() + anchor_seconds_; };
  if (next > since()) {
    const std::chrono::duration<double> wait{next - since()};
    nap_(std::min<std::chrono::duration<double>>(wait, kLongestNap));
    now = clock_->steady();
  }
  if (since() - next > kMostCatchUpSeconds) {
    anchor_ = now;
    anchor_seconds_ = next;
  }
  const double reached = since();
  std::size_t low = from;
  std::size_t high = batch.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (due_seconds(batch, middle) <= reached) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - from;
}

}  // namespace stack::app
