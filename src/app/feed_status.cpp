#include "app/feed_status.hpp"

#include <fmt/format.h>

namespace stack::app {
namespace {

double seconds_until(Micros instant, const Clock& clock) {
  return std::chrono::duration<double>(instant - clock.now()).count();
}

// The flag is heeded within milliseconds; what was sent before is visible once the state says so.
std::string_view state_name(publish::FeedState state, bool to_pause) {
  switch (state) {
    case publish::FeedState::connecting:
      return "connecting";
    case publish::FeedState::waiting:
      return "waiting";
    case publish::FeedState::running:
      return to_pause ? "pausing" : "running";
    case publish::FeedState::paused:
      return to_pause ? "paused" : "running";
    case publish::FeedState::done:
      break;
  }
  return "done";
}

std::string number_or_null(const std::optional<double>& number) { return number ? fmt::format("{}", *number) : "null"; }

double milliseconds(const LatencyHistogram& delays, double share) {
  return static_cast<double>(delays.quantile(share).count()) / 1e3;
}

std::string delays_text(const LatencyHistogram& delays) {
  return fmt::format("p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms", milliseconds(delays, 0.5),
                     milliseconds(delays, 0.99), milliseconds(delays, 1));
}

std::string delays_json(const LatencyHistogram& delays) {
  JsonObject object;
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, std::pair{"p90", 0.9}, std::pair{"p99", 0.99},
                                    std::pair{"p999", 0.999}, std::pair{"max", 1.0}})
    object.seconds(name, milliseconds(delays, share));
  return object.str();
}

}  // namespace

void say_start(const publish::Pace& pace, const Clock& clock, Progress& progress) {
  if (!pace.start_at) return;
  const auto instant = format_micros(*pace.start_at).substr(0, std::string_view{"2026-11-25 14:30:00"}.size());
  if (const double seconds = seconds_until(*pace.start_at, clock); seconds > 0) {
    progress.say(fmt::format("starts at {} UTC, in {:.0f} s", instant, seconds));
  } else {
    progress.say(fmt::format("--start-at {} UTC is past: begins at once", instant));
  }
}

std::string state_note(const publish::FeedProgress& counts, const publish::Pace& pace, const Clock& clock) {
  if (counts.state == publish::FeedState::paused) return ", paused";
  if (counts.state != publish::FeedState::waiting || !pace.start_at) return {};
  return fmt::format(", starts in {:.0f} s", std::max(0.0, seconds_until(*pace.start_at, clock)));
}

void say_delays(const publish::FeedProgress& counts, Progress& progress) {
  if (counts.due_to_sent.count() > 0)
    progress.say(fmt::format("due to sent {}; due to visible {}", delays_text(counts.due_to_sent),
                             delays_text(counts.due_to_visible)));
  if (counts.times_behind > 0)
    progress.say(fmt::format("fell behind by more than --catch-up {} times, and the feed by {:.1f} s",
                             with_commas(counts.times_behind), static_cast<double>(counts.lost_us) / 1e6));
}

void add_delays(const publish::FeedProgress& counts, JsonObject& object) {
  if (counts.due_to_sent.count() == 0) return;
  object.raw("due_to_sent_ms", delays_json(counts.due_to_sent))
      .raw("due_to_visible_ms", delays_json(counts.due_to_visible))
      .number("times_behind", counts.times_behind.load())
      .seconds("lost_seconds", static_cast<double>(counts.lost_us) / 1e6);
}

std::string status_json(const market::FeedPlan& plan, const publish::FeedProgress& counts,
                        const publish::PaceControl& control) {
  const auto tempo = control.tempo();
  JsonObject object;
  object.text("feed", plan.id())
      .text("state", state_name(counts.state, control.paused()))
      .text("pace", publish::tempo_text(tempo))
      .raw("speed", number_or_null(tempo.speed))
      .raw("rate", number_or_null(tempo.rate))
      .number("position", counts.reached.load())
      .number("committed", counts.committed.load());
  if (plan.total_events() != market::kUnlimited) object.number("total", plan.total_events());
  object.seconds("behind_seconds", static_cast<double>(counts.behind_us) / 1e6);
  add_delays(counts, object);
  return object.str();
}

}  // namespace stack::app
