// From settings to the feed that they describe: loads the data set, makes the plan. Thread-safety: as Settings.
// Failure: ErrorKind::usage naming the option, ErrorKind::data naming file and line.
#pragma once

#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "market/feed.hpp"

namespace stack::app {

// The data set that the command names, else the example that comes with the program.
[[nodiscard]] Result<std::string> data_path(const Context& context);

// LAST_SESSIONS: as plan_feed().
[[nodiscard]] Result<market::FeedOptions> feed_options(const Settings& settings, std::uint32_t last_sessions = 0);

// The data set of data_path(); rows that were skipped are told.
[[nodiscard]] Result<std::shared_ptr<const market::Dataset>> load_dataset(const Context& context, Progress& progress);

// LAST_SESSIONS: how many sessions are played when the user names neither dates (of a model: --sessions), limit nor
// pace; 0: all, and of a model its own default.
[[nodiscard]] Result<std::shared_ptr<const market::FeedPlan>> plan_feed(const Context& context, Progress& progress,
                                                                        std::uint32_t last_sessions = 0);

[[nodiscard]] Result<unsigned> feed_threads(const Settings& settings);

}  // namespace stack::app
