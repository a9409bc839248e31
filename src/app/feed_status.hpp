// How a feed fares, as it is told to the user: beside the live progress, at the end, and to whoever asks its control
// address. Thread-safety: free functions over what may be read while the feed runs. Never fails.
#pragma once

#include <string>
#include <string_view>

#include "app/json_object.hpp"
#include "app/progress.hpp"
#include "market/feed.hpp"
#include "publish/feed_producer.hpp"
#include "publish/pace.hpp"

namespace stack::app {

// When --start-at has the feed begin, or that this is past.
void say_start(const publish::Pace& pace, const Clock& clock, Progress& progress);
// What to say of a feed that is not running, behind its live progress: ", paused", ", starts in 12 s"; else nothing.
[[nodiscard]] std::string state_note(const publish::FeedProgress& counts, const publish::Pace& pace,
                                     const Clock& clock);

// At the end of a paced feed: how late its events were, and what it lost by falling behind.
void say_delays(const publish::FeedProgress& counts, Progress& progress);
void add_delays(const publish::FeedProgress& counts, JsonObject& object);  // the same, as fields

// One JSON object: state, pace, position, what is committed, delays.
[[nodiscard]] std::string status_json(const market::FeedPlan& plan, const publish::FeedProgress& counts,
                                      const publish::PaceControl& control);

}  // namespace stack::app
