#include "realism/memorising.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

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

// Correlation of window I of A with window J of B, whose sum of products is SUM.
double window_correlation(const Windows& a, std::size_t i, const Windows& b, std::size_t j, double sum) {
  return (sum - static_cast<double>(kWindow) * a.mean[i] * b.mean[j]) * a.factor[i] * b.factor[j];
}

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
  ClosestWindow best{.correlation = kNaN};
  if (rows.size() == 0 || columns.size() == 0) return best;
  const double* x = rows.value.data();
  const double* y = columns.value.data();
  std::vector<double> sum(columns.size());
  for (std::size_t j = 0; j < sum.size(); ++j) sum[j] = window_product(x, y + j);
  std::vector<double> next_sum(sum.size());
  double highest = -1.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) {
      next_row(sum.data(), next_sum.data(), sum.size(), y, x[i - 1], x[i + kWindow - 1]);
      next_sum[0] = window_product(x + i, y);
      sum.swap(next_sum);
    }
    if (rows.factor[i] <= 0.0) continue;
    // Rows that hold no higher correlation, which are nearly all, are passed without looking where.
    const double shift = static_cast<double>(kWindow) * rows.mean[i];
    const double bar = highest / rows.factor[i];
    std::uint64_t higher = 0;
    for (std::size_t j = 0; j < sum.size(); ++j)
      higher += (sum[j] - shift * columns.mean[j]) * columns.factor[j] > bar ? 1U : 0U;
    if (higher == 0) continue;
    for (std::size_t j = 0; j < sum.size(); ++j) {
      if (columns.factor[j] <= 0.0) continue;
      const double correlation = window_correlation(rows, i, columns, j, sum[j]);
      if (correlation <= highest) continue;
      highest = correlation;
      best = {correlation, j, i};
    }
  }
  return best;
}

std::vector<ClosestWindow> closest_windows(std::span<const DailySeries> history,
                                           std::span<const DailySeries> simulation, unsigned threads) {
  std::vector<ClosestWindow> found(history.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < found.size(); i = next++)
      found[i] = closest_window(standardised_returns(history[i].r), standardised_returns(simulation[i].r));
  };
  const unsigned count = threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < count; ++i) workers.emplace_back(work);
  work();
  workers.clear();  // waits for them
  return found;
}

}  // namespace stack::realism
