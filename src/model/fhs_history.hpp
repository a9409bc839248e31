// The history through the eyes of a filtered historical simulation: returns standardised by each symbol's own GARCH,
// ranges and volumes by what they remember, and every hole filled, so that each date has a whole cross-section.
// Thread-safety: pure. Failure: ErrorKind::data, naming the symbol whose volatility could not be fitted.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "core/result.hpp"
#include "model/bar_model.hpp"
#include "model/fhs_parameters.hpp"

namespace stack::model {

// Columns have a row a date of the panel and a column a symbol. After fill_holes() there is no NaN in them.
struct FhsHistory {
  Eigen::MatrixXd z;          // standardised returns
  Eigen::MatrixXd gap;        // their overnight part
  Eigen::MatrixXd range;      // eta of ln(range / sigma)
  Eigen::MatrixXd upper;      // share of the range beyond open and close that lies above
  Eigen::MatrixXd volume;     // eta of the log volume
  Eigen::MatrixXd log_sigma;  // less its mean; NaN on dates without the symbol, also afterwards
};

// Fits each symbol by itself: fills PARAMETERS' symbols.
[[nodiscard]] Result<FhsHistory> filter_history(const Panel& panel, bool ewma_fallback, FhsParameters& parameters);

// Fills the holes of symbols that did not trade on a date, or were not yet there: z by its conditional distribution
// given the others' z of the date (CORRELATION) with a residual of its own, all else from the day of its own whose z is
// nearest.
void fill_holes(const Eigen::MatrixXd& correlation, FhsHistory& history);

}  // namespace stack::model
