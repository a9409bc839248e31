#include "realism/cross_section.hpp"

#include <cmath>
#include <limits>

#include "realism/statistics.hpp"
#include "realism/stylized_facts.hpp"

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The returns of two symbols on the dates that both have.
struct CommonReturns {
  std::vector<double> x;
  std::vector<double> y;

  void assign(const DailySeries& a, const DailySeries& b) {
    x.clear();
    y.clear();
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
      if (a.day[i] == b.day[j]) {
        x.push_back(a.r[i++]);
        y.push_back(b.r[j++]);
      } else if (a.day[i] < b.day[j]) {
        ++i;
      } else {
        ++j;
      }
    }
  }
};

Matrix lagged_correlation(std::span<const DailySeries> series, std::size_t lag) {
  Matrix matrix{series.size()};
  CommonReturns common;
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t j = 0; j < series.size(); ++j) {
      common.assign(series[i], series[j]);
      matrix(i, j) = common.x.size() < kLeastValues ? kNaN : cross_correlation(common.x, common.y, lag);
    }
  }
  return matrix;
}

}  // namespace

Matrix same_date_correlation(std::span<const DailySeries> series) { return lagged_correlation(series, 0); }

Matrix next_date_correlation(std::span<const DailySeries> series) { return lagged_correlation(series, 1); }

double mean_absolute_error(const Matrix& a, const Matrix& b) {
  double sum = 0.0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      const double error = std::fabs(a(i, j) - b(i, j));
      if (i == j || std::isnan(error)) continue;
      sum += error;
      ++n;
    }
  }
  return n == 0 ? kNaN : sum / static_cast<double>(n);
}

}  // namespace stack::realism
