// Correlation matrices of columns that do not all have a value on the same dates, and what makes them usable.
// Include it from .cpp files only: it brings Eigen along.
// Thread-safety: pure. Never fails.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "model/panel.hpp"

namespace stack::model {

// Fewer common dates than these tell nothing of a correlation: its standard error is above 0.13.
inline constexpr std::size_t kFewestCommonDates = 60;

// Pearson's, of each pair on the dates on which both columns have a value (not NaN), each centred on these dates: no
// pair is cut to the dates of a third. 0 where there are fewer than kFewestCommonDates of them, 1 on the diagonal.
// Such a matrix need not be positive semi-definite. COLUMNS: all of one length.
[[nodiscard]] Eigen::MatrixXd pairwise_correlation(std::span<const std::span<const double>> columns);
// The same of the returns of PANEL's symbols, in its order.
[[nodiscard]] Eigen::MatrixXd pairwise_correlation(const Panel& panel);

// The correlation matrix (positive semi-definite, diagonal 1) nearest to MATRIX (symmetric) in the Frobenius norm:
// Higham 2002, algorithm 3.3, alternating projections with Dykstra's correction, unweighted. A matrix that is one
// already comes back as it is.
[[nodiscard]] Eigen::MatrixXd nearest_correlation(const Eigen::MatrixXd& matrix);

// Lower triangular L with L L' = CORRELATION, which is positive semi-definite: where a symbol is a combination of
// those before it, its own column is 0.
[[nodiscard]] Eigen::MatrixXd correlation_factor(const Eigen::MatrixXd& correlation);

// How the symbols' dates were aligned, where that leaves something untold: pairs with too few common dates (which are
// taken as uncorrelated), and symbols with a bar on few of the dates of their own time. Lines for people, a few.
[[nodiscard]] std::vector<std::string> alignment_warnings(const Panel& panel);

}  // namespace stack::model
