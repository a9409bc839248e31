// From settings to simulated bars: what the options say of a model, fitted on the history they choose.
// Thread-safety: as Settings. Failure: ErrorKind::usage naming the option, ErrorKind::data naming the symbol.
#pragma once

#include <memory>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "model/simulated_bars.hpp"

namespace stack::app {

// Options of models where MODE is none are a mistake, not something to pass over.
[[nodiscard]] Result<void> check_model_options(const Settings& settings, market::Mode mode);

[[nodiscard]] Result<model::ModelOptions> model_options(const Settings& settings, const market::FeedOptions& feed);

// Fits the mode's model on DATASET's bars within FEED's symbols and dates, and plays it.
[[nodiscard]] Result<model::Simulated> simulated_bars(const Settings& settings,
                                                      std::shared_ptr<const market::Dataset> dataset,
                                                      const market::FeedOptions& feed, Progress& progress);

}  // namespace stack::app
