// From a history to simulated daily bars: fits the model that the options name and plays one path of it.
// Thread-safety: pure. Failure: as make_panel and fit_model; dates beyond the year 9999 are ErrorKind::usage.
#pragma once

#include "core/result.hpp"
#include "market/feed.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

// One path of MODEL, fitted on PANEL: a series a symbol, all of them on the same weekdays.
[[nodiscard]] Result<std::vector<market::Series>> simulate_series(const Panel& panel, const BarModel& model,
                                                                  const ModelOptions& options);

struct Simulated {
  market::SimulatedBars bars;
  std::vector<std::string> summary;   // of the model
  std::vector<std::string> warnings;  // of how the symbols' dates were aligned
};

// ADJUSTMENTS and TICK_SIZES: as make_panel takes them.
[[nodiscard]] Result<Simulated> simulate_bars(const market::Selection& history,
                                              const std::vector<std::vector<double>>& adjustments,
                                              const std::vector<market::TickSize>& tick_sizes,
                                              const ModelOptions& options);

// "Index,Date,Open,High,Low,Close,Volume": the form in which history comes, a symbol after the other.
[[nodiscard]] std::string bars_csv_header();
void append_csv(std::string_view symbol, const market::Bar& bar, std::string& out);

}  // namespace stack::model
