// What makes prices of different days comparable: the Adj Close column, and splits that the prices still show.
// Models compare closes by them; replay does not.
// Thread-safety: pure. Failure: ErrorKind::data for an Adj Close that is none (symbol and date are named) and for a
// table of splits that is wrong (file and line are named).
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/selection.hpp"

namespace stack::model {

// One column a slice of the selection, one factor a bar: what its prices are multiplied by. Empty columns stand for
// ones.
using Adjustments = std::vector<std::vector<double>>;

// By Adj Close / Close of each bar; no columns where the data have no Adj Close (a header of any case, with a blank, a
// dash, an underscore or nothing between its words).
[[nodiscard]] Result<Adjustments> adjusted_close_factors(const market::Selection& selection);

struct Split {
  std::string where;  // file:line, for messages
  std::string symbol;
  Date date{};         // the first day of prices after the split
  double ratio = 1.0;  // new shares for an old one
};

// A CSV table with the columns symbol, date and ratio (a number, as 2 or 0.1, or new:old, as 2:1), by name in any order
// and case. NAME stands for the file in messages; symbols must be DATASET's.
[[nodiscard]] Result<std::vector<Split>> parse_splits(const std::string& name, const std::string& content,
                                                      const market::Dataset& dataset);
[[nodiscard]] Result<std::vector<Split>> read_splits(const std::string& path, const market::Dataset& dataset);

// Divides the factors of the bars before each split by its ratio. A split of a chosen symbol on a day within its bars
// must make the move of that day smaller: ErrorKind::data where it does not (a wrong ratio or day, closes that are
// adjusted already). Splits on other days change nothing.
[[nodiscard]] Result<void> apply_splits(const market::Selection& selection, const std::vector<Split>& splits,
                                        Adjustments& adjustments);

inline constexpr double kLargeMove = 0.4;

// Moves from close to close by more than kLargeMove after adjustment, as lines for people: at most ten, how many more
// there are, and the remedy; none where there are none.
[[nodiscard]] std::vector<std::string> large_move_warnings(const market::Selection& selection,
                                                           const Adjustments& adjustments);

}  // namespace stack::model
