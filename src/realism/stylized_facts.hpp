// The stylized facts by which a simulation is judged: what every market's daily bars have in common (Cont 2001), each
// as one number of one symbol.
// Thread-safety: a RankedSeries is immutable once made and shared; a FactCalculator is used by one thread.
// Failure: a fact that rests on fewer than kLeastValues values, or divides by nothing, is NaN.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "realism/daily_series.hpp"
#include "realism/ranking.hpp"
#include "realism/statistics.hpp"

namespace stack::realism {

inline constexpr std::size_t kLeastValues = 250;

enum class Fact : std::uint8_t {
  volatility,
  skewness,
  excess_kurtosis,
  hill,
  quantile_01,
  quantile_99,
  kurtosis_5,
  acf_return_1,
  variance_ratio_5,
  acf_abs_1,
  acf_abs_5,
  acf_abs_20,
  leverage,
  parkinson_ratio,
  overnight_share,
  gap_day_correlation,
  range_abs_return,
  acf_range_1,
  acf_range_5,
  acf_range_20,
  volume_abs_return,
  acf_volume_1,
  acf_volume_20,
};
inline constexpr std::size_t kFactCount = 23;

struct FactSpec {
  Fact fact;
  std::string_view name;     // of the command's output, e.g. acf_abs_5
  std::string_view meaning;  // one line
  std::string_view source;   // the paper
};

// In the order of Fact.
[[nodiscard]] std::span<const FactSpec, kFactCount> fact_specs();

using FactValues = std::array<double, kFactCount>;

// A symbol's columns with their ranks, made once.
struct RankedSeries {
  explicit RankedSeries(DailySeries series);

  DailySeries daily;
  std::vector<double> magnitude;  // |r|
  RankedValues ranked_r;
  RankedValues ranked_magnitude;
  RankedValues ranked_range;
  RankedValues ranked_volume;
};

// Sessions of one symbol, any of them any number of times and in any order: what a fact is computed from.
class SessionSample {
 public:
  // An empty sample of SOURCE, which must outlive it.
  void start(const RankedSeries& source);
  // Adds the sessions FIRST to LAST - 1 of the source.
  void append(std::size_t first, std::size_t last);
  [[nodiscard]] std::size_t size() const { return r_.size(); }

 private:
  friend class FactCalculator;
  const RankedSeries* source_ = nullptr;
  std::vector<double> r_, magnitude_, gap_, intraday_, range_, log_volume_;
  std::vector<std::uint32_t> r_rank_, magnitude_rank_, range_rank_, volume_rank_;
};

class FactCalculator {
 public:
  [[nodiscard]] FactValues operator()(const SessionSample& sample);
  // Of the whole series.
  [[nodiscard]] FactValues operator()(const RankedSeries& series);

 private:
  void distribution(const SessionSample& sample, const Moments& returns, FactValues& values);
  void dependence(const SessionSample& sample, FactValues& values);
  void session_shape(const SessionSample& sample, const Moments& returns, FactValues& values);
  void volume(const SessionSample& sample, FactValues& values);

  SessionSample whole_;
  CountedSample counted_;
  Autocorrelations autocorrelations_;
  RankScratch rank_scratch_;
};

[[nodiscard]] constexpr double& at(FactValues& values, Fact fact) { return values[static_cast<std::size_t>(fact)]; }
[[nodiscard]] constexpr double at(const FactValues& values, Fact fact) {
  return values[static_cast<std::size_t>(fact)];
}

}  // namespace stack::realism
