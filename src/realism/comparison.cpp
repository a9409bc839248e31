#include "realism/comparison.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>

namespace stack::realism {
namespace {

Result<void> check_length(const DailySeries& series, std::string_view whose) {
  if (series.size() >= kLeastValues) return {};
  return fail(ErrorKind::data, fmt::format("{}: {} has {} bars, a report needs at least {}; take a longer window, or "
                                           "leave the symbol out with --symbols",
                                           series.symbol, whose, series.size(), kLeastValues));
}

double highest(std::span<const ClosestWindow> windows) {
  double value = std::numeric_limits<double>::quiet_NaN();
  for (const auto& window : windows) value = std::fmax(value, window.correlation);
  return value;
}

double share_of(std::size_t inside, std::size_t pairs) {
  return pairs == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : static_cast<double>(inside) / static_cast<double>(pairs);
}

Verdict judge(const FactResult& result) {
  if (std::isnan(result.history) || std::isnan(result.band.low) || std::isnan(result.band.high)) return Verdict::absent;
  return result.band.contains(result.simulation) ? Verdict::inside : Verdict::outside;
}

}  // namespace

double Comparison::share_inside() const { return share_of(inside, pairs); }

double Comparison::correlation_error() const {
  return mean_absolute_error(history_correlation, simulation_correlation);
}

double Comparison::lead_error() const { return mean_absolute_error(history_lead, simulation_lead); }

Result<Comparison> compare(std::vector<DailySeries> history, std::vector<DailySeries> simulation,
                           const BandOptions& options) {
  for (const auto& series : history) STACK_TRY(check_length(series, "history"));
  for (const auto& series : simulation) STACK_TRY(check_length(series, "the simulation"));

  Comparison result;
  result.history_correlation = same_date_correlation(history);
  result.simulation_correlation = same_date_correlation(simulation);
  result.history_lead = next_date_correlation(history);
  result.simulation_lead = next_date_correlation(simulation);
  result.closest = closest_windows(history, simulation, options.threads);
  result.own_closest = closest_own_windows(history, options.threads);

  std::vector<std::size_t> sessions;
  std::vector<RankedSeries> ranked;
  ranked.reserve(history.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    sessions.push_back(simulation[i].size());
    ranked.emplace_back(history[i]);
  }
  result.bands = options;
  if (options.mean_block <= 0.0) result.bands.mean_block = mean_block_of(ranked);
  const auto bands = fact_bands(ranked, sessions, result.bands);
  FactCalculator facts;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const FactValues of_history = facts(ranked[i]);
    const FactValues of_simulation = facts(RankedSeries{simulation[i]});
    auto& row = result.facts.emplace_back();
    for (std::size_t k = 0; k < kFactCount; ++k) {
      row[k] = {of_history[k], of_simulation[k], bands[i][k], Verdict::absent};
      row[k].verdict = judge(row[k]);
      result.pairs += row[k].verdict != Verdict::absent ? 1U : 0U;
      result.inside += row[k].verdict == Verdict::inside ? 1U : 0U;
    }
  }
  if (result.pairs == 0)
    return fail(ErrorKind::data, fmt::format("{}: history's prices never move, so there is nothing to compare; choose "
                                             "other symbols or dates",
                                             history.front().symbol));
  result.history = std::move(history);
  result.simulation = std::move(simulation);
  return result;
}

Score score_of(const Comparison& comparison) {
  Score score{comparison.share_inside(),
              comparison.correlation_error(),
              comparison.lead_error(),
              highest(comparison.closest),
              {}};
  for (const auto& row : comparison.facts)
    for (std::size_t k = 0; k < kFactCount; ++k) score.inside[k] += row[k].verdict == Verdict::inside ? 1U : 0U;
  return score;
}

Score score_another(const Comparison& comparison, std::span<const DailySeries> simulation) {
  std::array<std::size_t, kFactCount> inside{};
  FactCalculator facts;
  for (std::size_t i = 0; i < simulation.size(); ++i) {
    const FactValues values = facts(RankedSeries{simulation[i]});
    for (std::size_t k = 0; k < kFactCount; ++k) {
      FactResult result = comparison.facts[i][k];
      result.simulation = values[k];
      inside[k] += judge(result) == Verdict::inside ? 1U : 0U;
    }
  }
  return {share_of(std::reduce(inside.begin(), inside.end()), comparison.pairs),
          mean_absolute_error(comparison.history_correlation, same_date_correlation(simulation)),
          mean_absolute_error(comparison.history_lead, next_date_correlation(simulation)),
          highest(closest_windows(comparison.history, simulation, comparison.bands.threads)), inside};
}

}  // namespace stack::realism
