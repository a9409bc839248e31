// Values as ranks. A column is sorted once; a bootstrap replicate of it, which repeats and omits values, then has its
// order statistics and rank correlations by counting, without sorting again.
// Thread-safety: values and pure functions; a RankScratch is used by one thread.
// Failure: NaN, as in statistics.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace stack::realism {

inline constexpr std::uint32_t kMissingRank = UINT32_MAX;

using Ranks = std::span<const std::uint32_t>;

// A column: rank[i] is the place of its value among the distinct ones, in ascending order; kMissingRank for NaN.
struct RankedValues {
  std::vector<std::uint32_t> rank;
  std::vector<double> distinct;

  [[nodiscard]] std::size_t distinct_count() const { return distinct.size(); }
};

[[nodiscard]] RankedValues rank_values(std::span<const double> x);

// One thread's memory for rank_correlation().
struct RankScratch {
  std::vector<double> x_rank;
  std::vector<double> y_rank;
};

// Spearman's correlation of two columns of ranks, which are below X_DISTINCT and Y_DISTINCT or missing.
[[nodiscard]] double rank_correlation(Ranks x, std::size_t x_distinct, Ranks y, std::size_t y_distinct,
                                      RankScratch& scratch);
[[nodiscard]] double rank_correlation(const RankedValues& x, const RankedValues& y, RankScratch& scratch);

// How often each of a column's distinct values occurs in a column of its ranks: a sample in ascending order.
class CountedSample {
 public:
  // Keeps DISTINCT, which must outlive the sample.
  void count(Ranks ranks, std::span<const double> distinct);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] double quantile(double q) const;  // as realism::quantile
  // As realism::hill, of a column whose values are magnitudes already.
  [[nodiscard]] double hill(double share = 0.05) const;

 private:
  std::span<const double> distinct_;
  std::vector<std::uint32_t> counts_;
  std::size_t size_ = 0;
};

}  // namespace stack::realism
