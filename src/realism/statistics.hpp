// Statistics of a series, from their definitions. A NaN is a missing value: it is skipped, and where a statistic pairs
// values (x_t with y_t, x_t with x_{t+lag}) the pair is skipped when either is missing.
// All moments divide by n (moment estimators), as numpy's and scipy's defaults do.
// Thread-safety: pure functions.
// Failure: NaN where there are too few values for the statistic, or where the series is constant and it divides by
// the variance.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace stack::realism {

using Values = std::span<const double>;

// Mean, variance and the two shapes of the distribution, in one pass over the data for the mean and one for the rest.
struct Moments {
  std::size_t count = 0;  // values that are there
  double mean = 0.0;
  double variance = 0.0;         // m2 = mean of (x - mean)^2
  double skewness = 0.0;         // m3 / m2^(3/2)
  double excess_kurtosis = 0.0;  // m4 / m2^2 - 3
};

[[nodiscard]] Moments moments(Values x);
[[nodiscard]] std::size_t count(Values x);
[[nodiscard]] double mean(Values x);
[[nodiscard]] double variance(Values x);
[[nodiscard]] double stddev(Values x);
[[nodiscard]] double skewness(Values x);
[[nodiscard]] double excess_kurtosis(Values x);

// The value below which share Q (0 to 1) of the values lie, linear between order statistics (Hyndman and Fan's type 7).
[[nodiscard]] double quantile(Values x, double q);

// Hill's (1975) estimator of the tail index of |x| from the k = floor(SHARE * n) largest:
// 1 / mean(ln |x|_(i) - ln |x|_(k+1)), i = 1..k. Small means heavy tails; daily returns have 3 to 5.
[[nodiscard]] double hill(Values x, double share = 0.05);

// The sample autocorrelation of Box and Jenkins: sum (x_t - m)(x_{t+lag} - m) / sum (x_t - m)^2, m of all values.
[[nodiscard]] double autocorrelation(Values x, std::size_t lag);

// The same at many lags of one series. Used by one thread; its memory is kept from one series to the next.
class Autocorrelations {
 public:
  void assign(Values x);
  [[nodiscard]] double at(std::size_t lag) const;

 private:
  std::vector<double> centred_;  // 0 where a value is missing
  double squares_ = 0.0;
  std::size_t count_ = 0;
};

// Pearson's correlation over the pairs that are there; X and Y have one length.
[[nodiscard]] double correlation(Values x, Values y);
// The correlation of x_t with y_{t+lag}: X leads.
[[nodiscard]] double cross_correlation(Values x, Values y, std::size_t lag);
// Spearman's: Pearson's of the ranks among the pairs that are there, equal values sharing their mean rank.
[[nodiscard]] double spearman(Values x, Values y);

// The leverage effect (Bouchaud, Matacz and Potters 2001): mean over k = 1..5 of corr(x_t, |x_{t+k}|).
[[nodiscard]] double leverage(Values x);

// Lo and MacKinlay (1988): variance of overlapping sums of Q values, about Q times the mean, over Q times the variance.
// 1 for a random walk. Sums with a missing value are skipped.
[[nodiscard]] double variance_ratio(Values x, std::size_t q);

// The excess kurtosis of sums of Q values that do not overlap: it falls with Q (aggregational Gaussianity, Cont 2001).
[[nodiscard]] double kurtosis_of_sums(Values x, std::size_t q);

}  // namespace stack::realism
