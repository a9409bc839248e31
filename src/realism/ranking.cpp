#include "realism/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool is_share(double q) { return q >= 0.0 && q <= 1.0; }

// Turns counts of values into their mean ranks, centred: the k-th smallest of n values has rank k - (n + 1) / 2.
// Returns the sum of the squares of all values' ranks.
double centre_ranks(std::span<double> counts, double n) {
  double before = 0.0;
  double squares = 0.0;
  for (double& entry : counts) {
    const double here = entry;
    const double rank = before + (here + 1.0) / 2.0 - (n + 1.0) / 2.0;
    squares += here * rank * rank;
    before += here;
    entry = rank;
  }
  return squares;
}

}  // namespace

RankedValues rank_values(std::span<const double> x) {
  RankedValues ranked;
  ranked.distinct.reserve(x.size());
  std::ranges::copy_if(x, std::back_inserter(ranked.distinct), [](double v) { return !std::isnan(v); });
  std::ranges::sort(ranked.distinct);
  const auto repeats = std::ranges::unique(ranked.distinct);
  ranked.distinct.erase(repeats.begin(), repeats.end());
  ranked.rank.reserve(x.size());
  for (const double v : x) {
    const auto place =
        std::isnan(v)
            ? kMissingRank
            : static_cast<std::uint32_t>(std::ranges::lower_bound(ranked.distinct, v) - ranked.distinct.begin());
    ranked.rank.push_back(place);
  }
  return ranked;
}

double rank_correlation(Ranks x, std::size_t x_distinct, Ranks y, std::size_t y_distinct, RankScratch& scratch) {
  scratch.x_rank.assign(x_distinct, 0.0);
  scratch.y_rank.assign(y_distinct, 0.0);
  const std::size_t length = std::min(x.size(), y.size());
  double n = 0.0;
  for (std::size_t t = 0; t < length; ++t) {
    if (x[t] == kMissingRank || y[t] == kMissingRank) continue;
    scratch.x_rank[x[t]] += 1.0;
    scratch.y_rank[y[t]] += 1.0;
    n += 1.0;
  }
  if (n < 2.0) return kNaN;
  const double xx = centre_ranks(scratch.x_rank, n);
  const double yy = centre_ranks(scratch.y_rank, n);
  if (xx <= 0.0 || yy <= 0.0) return kNaN;
  double xy = 0.0;
  for (std::size_t t = 0; t < length; ++t) {
    if (x[t] == kMissingRank || y[t] == kMissingRank) continue;
    xy += scratch.x_rank[x[t]] * scratch.y_rank[y[t]];
  }
  return xy / std::sqrt(xx * yy);
}

double rank_correlation(const RankedValues& x, const RankedValues& y, RankScratch& scratch) {
  return rank_correlation(x.rank, x.distinct_count(), y.rank, y.distinct_count(), scratch);
}

void CountedSample::count(Ranks ranks, std::span<const double> distinct) {
  distinct_ = distinct;
  counts_.assign(distinct.size(), 0);
  size_ = 0;
  for (const auto rank : ranks) {
    if (rank == kMissingRank) continue;
    ++counts_[rank];
    ++size_;
  }
}

double CountedSample::quantile(double q) const {
  if (size_ == 0 || !is_share(q)) return kNaN;
  const double position = q * static_cast<double>(size_ - 1);
  const double below = std::floor(position);
  auto left = static_cast<std::size_t>(below);  // values to pass before the one sought
  std::size_t at = 0;
  while (left >= counts_[at]) left -= counts_[at++];
  const double fraction = position - below;
  if (fraction <= 0.0 || left + 1 < counts_[at]) return distinct_[at];
  std::size_t above = at + 1;
  while (above < counts_.size() && counts_[above] == 0) ++above;
  if (above == counts_.size()) return distinct_[at];
  return distinct_[at] + fraction * (distinct_[above] - distinct_[at]);
}

double CountedSample::hill(double share) const {
  const auto k = static_cast<std::size_t>(share * static_cast<double>(size_));
  if (k == 0 || k >= size_) return kNaN;
  std::size_t at = distinct_.size();
  std::size_t left = k;  // of the k largest
  double logs = 0.0;
  while (left > 0) {
    --at;
    const auto taken = std::min<std::size_t>(left, counts_[at]);
    if (taken == 0) continue;
    logs += static_cast<double>(taken) * std::log(distinct_[at]);
    left -= taken;
    if (left == 0 && taken < counts_[at]) ++at;  // the next largest has the same value
  }
  while (counts_[--at] == 0) {
  }
  const double threshold = distinct_[at];
  if (!(threshold > 0.0)) return kNaN;
  const double sum = logs - static_cast<double>(k) * std::log(threshold);
  return sum > 0.0 ? static_cast<double>(k) / sum : kNaN;
}

}  // namespace stack::realism
