#include "realism/memorising.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/parallel.hpp"

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kDecay = 0.94;
constexpr std::size_t kWarmUp = 20;
constexpr double kLeastVariation = 1e-9;  // of a window, as share of its squares: below it all values are one

// One series as windows: each has its mean, and the factor that makes a covariance a correlation (0: it does not
// count).
struct Windows {
  std::vector<double> value;  // 0 where missing
  std::vector<double> mean;
  std::vector<double> factor;

  explicit Windows(std::span<const double> x) : value(x.begin(), x.end()) {
    for (double& v : value)
      if (std::isnan(v)) v = 0.0;
    if (x.size() < kWindow) return;
    mean.resize(x.size() - kWindow + 1);
    factor.resize(mean.size());
    for (std::size_t t = 0; t < mean.size(); ++t) measure(x.subspan(t, kWindow), t);
  }

  [[nodiscard]] std::size_t size() const { return mean.size(); }

 private:
  void measure(std::span<const double> window, std::size_t t) {
    double sum = 0.0;
    for (const double v : window) sum += v;
    if (std::isnan(sum)) return;
    mean[t] = sum / static_cast<double>(kWindow);
    double squares = 0.0;
    double variation = 0.0;
    for (const double v : window) {
      squares += v * v;
      variation += (v - mean[t]) * (v - mean[t]);
    }
    if (variation > kLeastVariation * squares) factor[t] = 1.0 / std::sqrt(variation);
  }
};

// The sums of products of row i of windows, NEXT[j] = sum of x[i + k] y[j + k], from those of row i - 1; not NEXT[0].
void next_row(const double* __restrict last, double* __restrict next, std::size_t columns, const double* y,
              double leaving, double entering) {
  for (std::size_t j = 1; j < columns; ++j) next[j] = last[j - 1] - leaving * y[j - 1] + entering * y[j + kWindow - 1];
}

double window_product(const double* x, const double* y) {
  double sum = 0.0;
  for (std::size_t k = 0; k < kWindow; ++k) sum += x[k] * y[k];
  return sum;
}

// The best pair of a window of ROWS and one of COLUMNS, row after row.
class Search {
 public:
  Search(const Windows& rows, const Windows& columns)
      : rows_(rows), columns_(columns), sum_(columns.size()), next_sum_(columns.size()) {}

  // APART: of one series with itself, pairs that begin fewer sessions apart do not count; 0: all pairs do.
  ClosestWindow run(std::size_t apart) {
    const double* x = rows_.value.data();
    const double* y = columns_.value.data();
    for (std::size_t j = 0; j < sum_.size(); ++j) sum_[j] = window_product(x, y + j);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (i > 0) {
        next_row(sum_.data(), next_sum_.data(), sum_.size(), y, x[i - 1], x[i + kWindow - 1]);
        next_sum_[0] = window_product(x + i, y);
        sum_.swap(next_sum_);
      }
      if (rows_.factor[i] <= 0.0) continue;
      if (apart == 0)
        look(i, 0, sum_.size());
      else if (i >= apart)
        look(i, 0, i - apart + 1);  // what lies on the other side has been seen as row and column
    }
    return best_;
  }

 private:
  // Columns FIRST to LAST - 1 of row I. Rows that hold no higher correlation, which are nearly all, are passed without
  // looking where.
  void look(std::size_t i, std::size_t first, std::size_t last) {
    const double shift = static_cast<double>(kWindow) * rows_.mean[i];
    const double bar = highest_ / rows_.factor[i];
    const double* sum = sum_.data();
    const double* mean = columns_.mean.data();
    const double* factor = columns_.factor.data();
    std::uint64_t higher = 0;
    for (std::size_t j = first; j < last; ++j) higher += (sum[j] - shift * mean[j]) * factor[j] > bar ? 1U : 0U;
    if (higher == 0) return;
    for (std::size_t j = first; j < last; ++j) {
      if (factor[j] <= 0.0) continue;
      const double correlation = (sum[j] - shift * mean[j]) * rows_.factor[i] * factor[j];
      if (correlation <= highest_) continue;
      highest_ = correlation;
      best_ = {correlation, j, i};
    }
  }

  const Windows& rows_;
  const Windows& columns_;
  std::vector<double> sum_;  // of products of the row's window with each column's
  std::vector<double> next_sum_;
  double highest_ = -1.0;
  ClosestWindow best_{.correlation = kNaN};
};

}  // namespace

std::vector<double> standardised_returns(std::span<const double> r) {
  std::vector<double> z(r.size(), kNaN);
  double variance = 0.0;
  std::size_t seen = 0;
  for (std::size_t t = 0; t < r.size(); ++t) {
    if (std::isnan(r[t])) continue;
    if (seen < kWarmUp) {
      variance += r[t] * r[t] / static_cast<double>(kWarmUp);
      ++seen;
      continue;
    }
    if (variance > 0.0) z[t] = r[t] / std::sqrt(variance);
    variance = kDecay * variance + (1.0 - kDecay) * r[t] * r[t];
  }
  return z;
}

ClosestWindow closest_window(std::span<const double> history, std::span<const double> simulation) {
  const Windows rows{simulation};
  const Windows columns{history};
  if (rows.size() == 0 || columns.size() == 0) return {.correlation = kNaN};
  return Search{rows, columns}.run(0);
}

ClosestWindow closest_own_window(std::span<const double> history) {
  const Windows windows{history};
  if (windows.size() == 0) return {.correlation = kNaN};
  return Search{windows, windows}.run(kWindow);
}

std::vector<ClosestWindow> closest_windows(std::span<const DailySeries> history,
                                           std::span<const DailySeries> simulation, unsigned threads) {
  std::vector<ClosestWindow> found(history.size());
  for_each_index(
      found.size(),
      [&](std::size_t i) {
        found[i] = closest_window(standardised_returns(history[i].r), standardised_returns(simulation[i].r));
      },
      threads);
  return found;
}

std::vector<ClosestWindow> closest_own_windows(std::span<const DailySeries> history, unsigned threads) {
  std::vector<ClosestWindow> found(history.size());
  for_each_index(
      found.size(), [&](std::size_t i) { found[i] = closest_own_window(standardised_returns(history[i].r)); }, threads);
  return found;
}

}  // namespace stack::realism
