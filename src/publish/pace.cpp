#include "publish/pace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <thread>

namespace stack::publish {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kLongestNap = std::chrono::milliseconds{20};
constexpr nanoseconds kShortestNap = std::chrono::microseconds{500};
// Naps end late, and a commit holds the sender up: that is no falling behind.
constexpr nanoseconds kTolerance = std::chrono::milliseconds{5};
constexpr double kAges = 1e9;  // seconds; more than nine times as many do not fit into nanoseconds

}  // namespace

std::optional<Tempo> parse_speed(std::string_view text) {
  if (text == "max") return Tempo{};
  if (text.ends_with('x')) text.remove_suffix(1);
  double speed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
  if (error != std::errc{} || end != text.data() + text.size() || !(speed > 0) || !std::isfinite(speed))
    return std::nullopt;
  return Tempo{.rate = {}, .speed = speed};
}

std::string tempo_text(const Tempo& tempo) {
  if (tempo.rate) return fmt::format("{} events/s", *tempo.rate);
  return tempo.speed ? fmt::format("{}x", *tempo.speed) : "max";
}

void Pacer::sleep(nanoseconds time) { std::this_thread::sleep_for(time); }

Pacer::Pacer(const Pace& pace, const Clock& clock, const PaceControl* control, Nap nap)
    : tempo_(pace.tempo),
      keep_gaps_(pace.keep_gaps),
      most_behind_(pace.catch_up + kTolerance),
      start_at_(pace.start_at),
      clock_(&clock),
      control_(control),
      nap_(std::move(nap)),
      places_a_second_(tempo_.rate ? *tempo_.rate : tempo_.speed.value_or(0) * 1e6) {}

Result<Pacer> Pacer::make(const Pace& pace, const market::FeedPlan& plan, const Clock& clock,
                          const PaceControl* control, Nap nap) {
  const bool sampled = plan.options().mode == market::Mode::sample;
  if (pace.tempo.speed && sampled)
    return fail(ErrorKind::usage, "--speed: sampled rows have no time of day to play; use --rate N or --speed max");
  Pacer pacer{pace, clock, control, std::move(nap)};
  if (!sampled && (pace.tempo.speed || control != nullptr)) pacer.hours_ = OpenHours::of(plan);
  return pacer;
}

std::int64_t Pacer::raw_place(const market::FeedBatch& batch, std::size_t index) const {
  if (tempo_.rate) return static_cast<std::int64_t>(batch.first_position + index);
  const auto published = batch.publish_time(index);
  return keep_gaps_ ? published : hours_.before(published);
}

double Pacer::place(const market::FeedBatch& batch, std::size_t index) const {
  return static_cast<double>(passes_ + raw_place(batch, index) - *base_);
}

double Pacer::reached(Moment now) const {
  return anchor_place_ + std::chrono::duration<double>(now - *anchor_).count() * places_a_second_;
}

nanoseconds Pacer::time_of(double places) const {
  return std::chrono::ceil<nanoseconds>(
      std::chrono::duration<double>{std::clamp(places / places_a_second_, -kAges, kAges)});
}

// The place that the feed has reached, but not beyond its next event: what is late stays late no longer.
double Pacer::standing(Moment now, const market::FeedBatch& batch, std::size_t from) const {
  return held_ ? anchor_place_ : std::min(reached(now), place(batch, from));
}

void Pacer::stand_at(Moment now, double place) {
  anchor_ = now;
  anchor_place_ = place;
}

// A loop's market time falls back where a pass begins: what a pass lasts is added to it each time, so that the next one
// begins when the last session has closed; or when its last late event is out.
void Pacer::enter(const market::FeedBatch& batch) {
  if (entered_ == batch.first_position) return;
  const auto first = raw_place(batch, 0);
  if (!base_) base_ = first;
  if (tempo_.speed && entered_ && batch.pass > pass_) {
    pass_length_ = std::max(keep_gaps_ ? hours_.span() : hours_.total(), last_raw_ - first);
    passes_ += pass_length_;
  } else if (tempo_.speed && entered_ && batch.pass < pass_) {
    passes_ -= pass_length_;  // a sender that lost its transaction goes back, over the end of a pass at most
  }
  pass_ = batch.pass;
  entered_ = batch.first_position;
  last_raw_ = raw_place(batch, batch.size() - 1);
}

// Held: nothing is due. The anchor goes along with the clock, so that the feed goes on from where it is.
bool Pacer::to_hold(Moment now) {
  if (start_at_ && clock_->now() < *start_at_) return true;
  start_at_.reset();
  if (control_ == nullptr || !control_->paused()) {
    if (held_ && anchor_) anchor_ = now;
    return false;
  }
  return true;
}

void Pacer::heed_changes(Moment now, const market::FeedBatch& batch, std::size_t from) {
  if (control_ == nullptr) return;
  const auto changes = control_->changes();
  if (changes == changes_) return;
  changes_ = changes;
  const auto before = tempo_;
  const auto here = anchor_ ? std::optional{standing(now, batch, from)} : std::nullopt;
  tempo_ = control_->tempo();
  places_a_second_ = tempo_.rate ? *tempo_.rate : tempo_.speed.value_or(0) * 1e6;
  if (here && before.rate.has_value() == tempo_.rate.has_value() && !tempo_.unlimited()) {
    stand_at(now, *here);
  } else {
    anchor_.reset();
    entered_.reset();
    passes_ = 0;
    base_.reset();
  }
}

std::size_t Pacer::due(const market::FeedBatch& batch, std::size_t from) {
  const auto now = clock_->steady();
  if (anchor_) enter(batch);
  heed_changes(now, batch, from);
  const bool hold = to_hold(now);
  if (hold && anchor_) stand_at(now, standing(now, batch, from));
  held_ = hold;
  if (hold) return 0;
  if (unlimited()) return batch.size() - from;
  enter(batch);
  const double next = place(batch, from);
  if (!anchor_) stand_at(now, next);
  if (const auto behind = time_of(reached(now) - next); behind > most_behind_) {
    ++times_behind_;
    time_lost_ += behind;
    stand_at(now, next);
  }
  const double here = reached(now);
  std::size_t low = from;
  std::size_t high = batch.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (place(batch, middle) <= here) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - from;
}

nanoseconds Pacer::until_due(const market::FeedBatch& batch, std::size_t from) const {
  if (held_) return nanoseconds::max();
  if (unlimited() || !anchor_) return nanoseconds{0};
  return std::max(nanoseconds{0}, time_of(place(batch, from) - reached(clock_->steady())));
}

void Pacer::wait(const market::FeedBatch& batch, std::size_t from) {
  if (unlimited() && !held_) return;
  auto longest = until_due(batch, from);
  if (start_at_) longest = std::min<nanoseconds>(longest, *start_at_ - clock_->now());
  nap_(std::clamp(longest, kShortestNap, kLongestNap));
}

Pacer::Moment Pacer::due_at(const market::FeedBatch& batch, std::size_t index) const {
  return *anchor_ + std::chrono::duration_cast<nanoseconds>(
                        std::chrono::duration<double>{(place(batch, index) - anchor_place_) / places_a_second_});
}

}  // namespace stack::publish
