// A heterogeneous autoregression (Corsi 2009, eq. 8): a value depends on yesterday's, the last week's and the last
// month's mean, which remembers for long with three coefficients:
//   x_t = mean + day (x_{t-1} - mean) + week (avg_5 - mean) + month (avg_22 - mean) + link driver_t + eta_t
// where the driver is something known before the day, with mean 0.
// Thread-safety: plain values. Never fails: with too few values it remembers nothing.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace stack::model {

struct Har {
  double mean = 0.0;
  double day = 0.0;
  double week = 0.0;
  double month = 0.0;
  double link = 0.0;

  [[nodiscard]] double persistence() const { return day + week + month; }
};

// The last 22 values with their sums.
class HarState {
 public:
  explicit HarState(double value = 0.0) { fill(value); }
  void fill(double value);
  void add(double value);
  // What HAR expects next.
  [[nodiscard]] double expected(const Har& har, double driver) const {
    return har.mean + har.link * driver + har.day * (last() - har.mean) + har.week * (week_ / kWeek - har.mean) +
           har.month * (month_ / kMonth - har.mean);
  }
  [[nodiscard]] double last() const { return values_[(at_ + kMonth - 1) % kMonth]; }

 private:
  static constexpr std::size_t kWeek = 5;
  static constexpr std::size_t kMonth = 22;
  std::array<double, kMonth> values_{};
  std::size_t at_ = 0;  // of the oldest
  double week_ = 0.0;
  double month_ = 0.0;
};

// Its coefficients by least squares, what they leave, and where the values ended.
struct HarFit {
  Har har;
  std::vector<double> residuals;  // eta_t, one a value; NaN where there is no value
  HarState state;                 // after the last value
};

// VALUES: NaN are skipped, as if their day had not been. DRIVER: one a value. Persistence is at most MOST_PERSISTENCE.
[[nodiscard]] HarFit fit_har(std::span<const double> values, std::span<const double> driver, double most_persistence);

}  // namespace stack::model
