// From a history to simulated daily bars: fits the model that the options name, once, and plays any number of paths.
// Thread-safety: pure; a FittedHistory is immutable. Failure: as make_panel and fit_model; dates beyond the year 9999
// are ErrorKind::usage.
#pragma once

#include "core/result.hpp"
#include "market/feed.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

// One path of MODEL, fitted on PANEL: a series a symbol, all of them on the same weekdays.
[[nodiscard]] Result<std::vector<market::Series>> simulate_series(const Panel& panel, const BarModel& model,
                                                                  const ModelOptions& options);

// A history with the model that was fitted on it. No path depends on how many were played before.
class FittedHistory {
 public:
  // ADJUSTMENTS and TICK_SIZES: as make_panel takes them. OPTIONS' seed and dates play no part in the fit.
  [[nodiscard]] static Result<FittedHistory> fit(market::Selection history,
                                                 const std::vector<std::vector<double>>& adjustments,
                                                 const std::vector<market::TickSize>& tick_sizes,
                                                 const ModelOptions& options);

  // The path that OPTIONS' seed, sessions and start date ask for; the rest of them was for fit().
  [[nodiscard]] Result<market::SimulatedBars> play(const ModelOptions& options) const;

  [[nodiscard]] const market::Selection& history() const { return history_; }
  [[nodiscard]] std::vector<std::string> summary() const { return model_->summary(); }
  // Of how the symbols' dates were aligned, and of fits that went wrong.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  FittedHistory(market::Selection history, Panel panel, std::unique_ptr<const BarModel> model);

  market::Selection history_;
  Panel panel_;
  std::unique_ptr<const BarModel> model_;
};

struct Simulated {
  market::SimulatedBars bars;
  std::vector<std::string> summary;   // of the model
  std::vector<std::string> warnings;  // as FittedHistory's
};

// One path: fit() and play() with the same options.
[[nodiscard]] Result<Simulated> simulate_bars(const market::Selection& history,
                                              const std::vector<std::vector<double>>& adjustments,
                                              const std::vector<market::TickSize>& tick_sizes,
                                              const ModelOptions& options);

// "Index,Date,Open,High,Low,Close,Volume": the form in which history comes, a symbol after the other.
[[nodiscard]] std::string bars_csv_header();
void append_csv(std::string_view symbol, const market::Bar& bar, std::string& out);

}  // namespace stack::model
