// The history as models see it: for each symbol the parts of each session's move in logarithms, on one calendar of all
// dates on which any of the symbols traded. No symbol is cut to the youngest: where it has no bar, its values are NaN.
// Thread-safety: plain values. Failure: ErrorKind::data for a series that no model can be fitted on, naming the symbol
// and how many bars are needed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "market/feed_options.hpp"
#include "market/price_grid.hpp"
#include "market/selection.hpp"

namespace stack::model {

inline constexpr std::size_t kFewestBars = 150;  // less tells nothing of clusters and tails

// All columns have one value a date of the panel; NaN where there is none.
struct PanelSeries {
  std::string symbol;
  std::vector<double> ret;         // ln(close / previous close of its own), by adjusted closes where there are any
  std::vector<double> gap;         // ln(open / previous close); NaN as well on flat bars, which tell nothing of the day
  std::vector<double> up;          // ln(high / max(open, close)) >= 0; NaN on flat bars
  std::vector<double> down;        // ln(min(open, close) / low) >= 0; NaN on flat bars
  std::vector<double> log_volume;  // NaN where the volume is 0
  std::size_t bars = 0;
  double mean = 0.0;       // of ret
  double deviation = 0.0;  // of ret
  double last_close = 0.0;
  double last_log_volume = 0.0;  // NaN: the symbol has no volume
  market::PriceGrid grid;
};

struct Panel {
  std::vector<std::int32_t> days;  // rising
  std::vector<PanelSeries> series;

  [[nodiscard]] std::size_t size() const { return days.size(); }
};

// ADJUSTMENTS: one column a slice of SELECTION, one factor a bar, by which prices are multiplied before they are
// compared over days (adjusted close / close); an empty column stands for all ones.
[[nodiscard]] Result<Panel> make_panel(const market::Selection& selection,
                                       const std::vector<std::vector<double>>& adjustments,
                                       const std::vector<market::TickSize>& tick_sizes);

}  // namespace stack::model
