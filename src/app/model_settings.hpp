// From settings to simulated bars: what the options say of a model, fitted on the history they choose.
// Thread-safety: as Settings. Failure: ErrorKind::usage naming the option, ErrorKind::data naming the symbol.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "model/adjustments.hpp"
#include "model/simulated_bars.hpp"

namespace stack::app {

// Options of models where MODE is none are a mistake, not something to pass over. ALLOWED: those of them that the
// command has a use for all the same.
[[nodiscard]] Result<void> check_model_options(const Settings& settings, market::Mode mode,
                                               std::initializer_list<std::string_view> allowed = {});

[[nodiscard]] Result<model::ModelOptions> model_options(const Settings& settings, const market::FeedOptions& feed);

// What makes HISTORY's prices comparable over days: Adj Close and --splits. Moves that look like splits are told.
[[nodiscard]] Result<model::Adjustments> history_adjustments(const Settings& settings, const market::Selection& history,
                                                             Progress& progress);

// Fits the model that OPTIONS name on HISTORY; tells its warnings, and with --verbose what was fitted.
[[nodiscard]] Result<model::FittedHistory> fitted_history(const market::Selection& history,
                                                          const model::Adjustments& adjustments,
                                                          const market::FeedOptions& feed,
                                                          const model::ModelOptions& options, Progress& progress);

// Fits the mode's model on DATASET's bars within FEED's symbols and dates, and plays it once.
[[nodiscard]] Result<market::SimulatedBars> simulated_bars(const Settings& settings,
                                                           std::shared_ptr<const market::Dataset> dataset,
                                                           const market::FeedOptions& feed, Progress& progress);

}  // namespace stack::app
