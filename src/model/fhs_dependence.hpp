// What ties the symbols of a filtered historical simulation together: the lead of one day's returns over the next
// (across time zones: New York today, Tokyo tomorrow) and the correlation of one day's residuals.
// Thread-safety: pure. Never fails.
#pragma once

#include <Eigen/Dense>

#include "model/fhs_history.hpp"
#include "model/fhs_parameters.hpp"

namespace stack::model {

// Moments of standardised returns that the simulation is to have. K x K; row j, column i of the lagged ones is the
// correlation of symbol j today with symbol i the day before.
struct Dependence {
  Eigen::MatrixXd same_day;
  Eigen::MatrixXd next_day;
  Eigen::MatrixXd next_gap;  // the same of the overnight part of j (in units of its whole return's deviation)
};

// Of columns (a row a date, NaN where there is none), pairwise on common dates; the next day is the pair's next common
// date.
[[nodiscard]] Eigen::MatrixXd same_day_correlation(const Eigen::MatrixXd& columns);
[[nodiscard]] Eigen::MatrixXd next_day_correlation(const Eigen::MatrixXd& later, const Eigen::MatrixXd& earlier);

// Solves the first-order vector autoregression z_t = L z_{t-1} + M u that has the moments of TARGET (Yule and Walker's
// equations, L = C1 C0^-1, a little towards 0), and takes its residuals u from HISTORY, which has no holes.
void set_dependence(const Dependence& target, const FhsHistory& history, FhsParameters& parameters);

// Orders the dates by the volatility of all symbols together, and standardises HISTORY's returns by their neighbours in
// this order. HISTORY has no holes.
void set_regimes(FhsHistory& history, FhsParameters& parameters);

}  // namespace stack::model
