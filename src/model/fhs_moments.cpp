#include "model/fhs_moments.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "core/parallel.hpp"
#include "market/philox.hpp"
#include "model/fhs_dependence.hpp"
#include "model/fhs_simulation.hpp"
#include "realism/statistics.hpp"

namespace stack::model {
namespace {

constexpr std::size_t kReplicates = 40;  // of the history
constexpr std::size_t kFewestReturns = 100;
constexpr std::size_t kMostRanked = 1000;  // sessions of a path: ranks cost more than all other moments together

// Columns of sessions in their order, without holes in the returns.
struct Columns {
  std::vector<double> ret, gap, range, log_volume;
};

SymbolMoments moments_of(const Columns& columns) {
  std::vector<double> sizes(columns.ret.size());
  std::ranges::transform(columns.ret, sizes.begin(), [](double r) { return std::abs(r); });
  SymbolMoments moments;
  moments.deviation = realism::stddev(columns.ret);
  realism::Autocorrelations acf;
  acf.assign(sizes);
  moments.abs_acf = {acf.at(1), acf.at(5), acf.at(20)};
  moments.leverage = realism::leverage(columns.ret);
  double squares = 0.0;
  double count = 0.0;
  for (const double range : columns.range)
    if (!std::isnan(range)) squares += range * range, ++count;
  moments.parkinson = std::sqrt(squares / count) / moments.deviation;
  moments.overnight = realism::variance(columns.gap) / (moments.deviation * moments.deviation);
  acf.assign(columns.range);
  moments.range_acf = {acf.at(1), acf.at(20)};
  acf.assign(columns.log_volume);
  moments.volume_acf = {acf.at(1), acf.at(20)};
  std::vector<double> day(columns.ret.size());
  std::ranges::transform(columns.ret, columns.gap, day.begin(), std::minus{});
  moments.night_and_day = realism::correlation(columns.gap, day);
  const std::size_t ranked = std::min(sizes.size(), kMostRanked);
  const auto some = [&](const std::vector<double>& column) { return std::span{column}.first(ranked); };
  moments.volume_link = realism::spearman(some(columns.log_volume), some(sizes));
  moments.range_link = realism::spearman(some(columns.range), some(sizes));
  return moments;
}

// The rows of one resample of a panel: blocks of about a year, as many rows as there are (Politis and Romano 1994).
std::vector<std::uint32_t> resampled_rows(std::size_t dates, std::uint64_t replicate) {
  constexpr double kMeanBlock = 250.0;
  std::vector<std::uint32_t> rows(dates);
  std::uint32_t at = 0;
  for (std::size_t t = 0; t < dates; ++t) {
    const auto words = market::philox(0xB007 + replicate, market::Stream::model, t);
    if (t == 0 || market::unit_interval(words[0]) < 1.0 / kMeanBlock)
      at = static_cast<std::uint32_t>(market::unit_interval(words[1]) * static_cast<double>(dates));
    else
      at = at + 1 < dates ? at + 1 : 0;
    rows[t] = at;
  }
  return rows;
}

SymbolMoments resampled_moments(const PanelSeries& series, std::span<const std::uint32_t> rows) {
  Columns columns;
  for (const std::uint32_t t : rows) {
    if (std::isnan(series.ret[t])) continue;
    columns.ret.push_back(series.ret[t]);
    columns.gap.push_back(series.gap[t]);
    columns.range.push_back(std::abs(series.ret[t] - series.gap[t]) + series.up[t] + series.down[t]);
    columns.log_volume.push_back(series.log_volume[t]);
  }
  if (columns.ret.size() >= kFewestReturns) return moments_of(columns);
  SymbolMoments none;
  for (double* value : none.values()) *value = std::nan("");
  return none;
}

Moments mean_of(std::vector<Moments>& each) {
  Moments mean = each.front();
  const auto count = static_cast<double>(each.size());
  for (std::size_t k = 0; k < mean.symbols.size(); ++k) {
    for (std::size_t v = 0; v < SymbolMoments::kSize; ++v) {
      double sum = 0.0;
      double known = 0.0;
      for (Moments& one : each)
        if (const double value = *one.symbols[k].values()[v]; !std::isnan(value)) sum += value, ++known;
      *mean.symbols[k].values()[v] = known > 0.0 ? sum / known : std::nan("");
    }
  }
  for (std::size_t p = 1; p < each.size(); ++p) {
    mean.same_day += each[p].same_day;
    mean.next_day += each[p].next_day;
  }
  mean.same_day /= count;
  mean.next_day /= count;
  return mean;
}

Moments path_moments(const std::shared_ptr<const FhsParameters>& parameters, std::uint64_t seed, std::size_t sessions) {
  const std::size_t count = parameters->symbols.size();
  std::vector<DayMoves> moves(count);
  FhsSimulation(parameters, seed).next(sessions, moves);
  Moments moments;
  Eigen::MatrixXd returns(static_cast<Eigen::Index>(sessions), static_cast<Eigen::Index>(count));
  Columns columns;
  for (auto* column : {&columns.ret, &columns.gap, &columns.range, &columns.log_volume}) column->resize(sessions);
  for (std::size_t k = 0; k < count; ++k) {
    const DayMoves& one = moves[k];
    for (std::size_t t = 0; t < sessions; ++t) {
      columns.ret[t] = one.gap[t] + one.move[t];
      columns.range[t] = std::abs(one.move[t]) + one.up[t] + one.down[t];
      returns(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(k)) = columns.ret[t];
    }
    columns.gap = one.gap;
    columns.log_volume = one.log_volume;
    moments.symbols.push_back(moments_of(columns));
  }
  moments.same_day = same_day_correlation(returns);
  moments.next_day = next_day_correlation(returns, returns);
  return moments;
}

}  // namespace

Moments history_moments(const Panel& panel) {
  std::vector<Moments> each(kReplicates);
  for_each_index(kReplicates, [&](std::size_t replicate) {
    const auto rows = resampled_rows(panel.size(), replicate);
    for (const PanelSeries& series : panel.series) each[replicate].symbols.push_back(resampled_moments(series, rows));
  });
  Moments moments = mean_of(each);
  Eigen::MatrixXd returns(static_cast<Eigen::Index>(panel.size()), static_cast<Eigen::Index>(panel.series.size()));
  for (std::size_t k = 0; k < panel.series.size(); ++k)
    for (std::size_t t = 0; t < panel.size(); ++t)
      returns(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(k)) = panel.series[k].ret[t];
  moments.same_day = same_day_correlation(returns);
  moments.next_day = next_day_correlation(returns, returns);
  return moments;
}

Moments simulated_moments(const std::shared_ptr<const FhsParameters>& parameters, std::size_t paths,
                          std::size_t sessions) {
  std::vector<Moments> each(paths);
  for_each_index(paths, [&](std::size_t path) { each[path] = path_moments(parameters, 0xCA11B + path, sessions); });
  return mean_of(each);
}

}  // namespace stack::model
