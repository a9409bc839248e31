// From simulated moves to bars: prices on the instrument's grid, starting from the last close of the history.
// A level that has moved by a factor of a thousand is led back: from there on the drift points the other way, so that a
// path of any number of years stays a price that the grid can express.
// Thread-safety: one thread. Never fails.
#pragma once

#include <vector>

#include "market/bar.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

class BarPath {
 public:
  explicit BarPath(const PanelSeries& series);

  // Appends one bar a session of MOVES (all of its rows), on DAYS.
  void append(const DayMoves& moves, std::span<const std::int32_t> days, std::vector<market::Bar>& bars);

 private:
  [[nodiscard]] std::int64_t on_grid(double price) const;

  const market::PriceGrid grid_;
  const double most_;  // that can be written
  double close_;
  double highest_, lowest_;  // where the drift turns
  double pull_down_, pull_up_;
  double moved_ = 0.0;  // the sum of all moves so far, and their number: a model's drift may be given, not history's
  double sessions_ = 0.0;
};

// COUNT weekdays, Monday to Friday, from the first one on or after DAY (days since 1970-01-01).
[[nodiscard]] std::vector<std::int32_t> weekdays_from(std::int32_t day, std::size_t count);

}  // namespace stack::model
