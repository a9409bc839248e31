// How symbols move together: correlations of returns on the dates that two symbols share.
// Thread-safety: pure. Failure: NaN for a pair with fewer than kLeastValues common dates.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "realism/daily_series.hpp"

namespace stack::realism {

// A square matrix, row by row.
class Matrix {
 public:
  explicit Matrix(std::size_t size) : size_(size), values_(size * size) {}
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] double& operator()(std::size_t row, std::size_t column) { return values_[row * size_ + column]; }
  [[nodiscard]] double operator()(std::size_t row, std::size_t column) const { return values_[row * size_ + column]; }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

// Entry (i, j): correlation of r_i and r_j on the dates that both have.
[[nodiscard]] Matrix same_date_correlation(std::span<const DailySeries> series);

// Entry (i, j): correlation of r_i on a common date of i and j with r_j on their next common date: i leads.
// The diagonal is the autocorrelation of a symbol's own sessions.
[[nodiscard]] Matrix next_date_correlation(std::span<const DailySeries> series);

// Mean of |a - b| off the diagonal, over the entries that both have; NaN when there are none.
[[nodiscard]] double mean_absolute_error(const Matrix& a, const Matrix& b);

}  // namespace stack::realism
