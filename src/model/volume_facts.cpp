#include "model/volume_facts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace stack::model {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::size_t> dates_with(const std::vector<double>& column) {
  std::vector<std::size_t> dates;
  for (std::size_t t = 0; t < column.size(); ++t)
    if (!std::isnan(column[t])) dates.push_back(t);
  return dates;
}

// Ranks from 0; ties have the mean of theirs.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) rank[order[k]] = 0.5 * static_cast<double>(i + end - 1);
    i = end;
  }
  return rank;
}

double correlation(std::span<const double> a, std::span<const double> b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double aa = 0.0;
  double bb = 0.0;
  double ab = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return aa > 0.0 && bb > 0.0 ? ab / std::sqrt(aa * bb) : 0.0;
}

}  // namespace

std::vector<double> volume_deviations(const PanelSeries& series) {
  const auto dates = dates_with(series.log_volume);
  std::vector<double> sums(dates.size() + 1, 0.0);
  for (std::size_t i = 0; i < dates.size(); ++i) sums[i + 1] = sums[i] + series.log_volume[dates[i]];
  std::vector<double> deviations(series.log_volume.size(), kMissing);
  for (std::size_t i = 0; i < dates.size(); ++i) {
    const std::size_t first = i > kVolumeWindow / 2 ? i - kVolumeWindow / 2 : 0;
    const std::size_t end = std::min(first + kVolumeWindow, dates.size());
    const double level = (sums[end] - sums[first]) / static_cast<double>(end - first);
    deviations[dates[i]] = series.log_volume[dates[i]] - level;
  }
  return deviations;
}

VolumeFacts volume_facts(const PanelSeries& series) {
  const auto deviations = volume_deviations(series);
  const auto dates = dates_with(deviations);
  VolumeFacts facts;
  facts.level = kMissing;
  if (dates.empty()) return facts;
  const std::size_t recent = std::min(kVolumeWindow, dates.size());
  facts.level = 0.0;
  for (std::size_t i = dates.size() - recent; i < dates.size(); ++i)
    facts.level += series.log_volume[dates[i]] / static_cast<double>(recent);
  std::vector<double> values;
  std::vector<double> moving;  // those with a return
  std::vector<double> moves;
  for (const std::size_t t : dates) {
    values.push_back(deviations[t]);
    if (std::isnan(series.ret[t])) continue;
    moving.push_back(deviations[t]);
    moves.push_back(std::abs(series.ret[t]));
  }
  double squares = 0.0;
  for (const double v : values) squares += v * v;
  facts.deviation = std::sqrt(squares / static_cast<double>(values.size()));
  facts.last = values.back();
  if (values.size() < 3) return facts;
  const std::span<const double> all{values};
  facts.persistence = correlation(all.first(all.size() - 1), all.last(all.size() - 1));
  facts.with_moves = correlation(ranks(moving), ranks(moves));
  return facts;
}

}  // namespace stack::model
