#include "model/fhs_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "market/philox.hpp"

namespace stack::model {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kMostPersistence = 0.990;  // of the variance: what is nearer to 1 wanders off in a long simulation
constexpr double kMostMemory = 0.995;       // of range and volume
// A simulated variance stays below this part of the highest that the filter finds, which comes after a single day that
// no volatility explains; but not below so many times the mean, where history was calm all along.
constexpr double kPartOfHighest = 0.6;
constexpr double kFewestTimes = 4.0;

// Sets SYMBOL's volatility model.
Result<void> fit_volatility(std::span<const double> e, bool ewma_fallback, FhsSymbol& symbol) {
  const auto fitted = fit_garch(e, kMostPersistence);
  if (fitted) {
    symbol.garch = *fitted;
    return {};
  }
  if (!ewma_fallback)
    return fail(ErrorKind::data,
                fmt::format("{}: its volatility model (GJR-GARCH) does not converge on {} returns: {}; "
                            "--on-bad-fit ewma takes fixed parameters for such a symbol, or leave it "
                            "out with --symbols",
                            symbol.symbol, e.size(), fitted.error().message));
  double squares = 0.0;
  for (const double x : e) squares += x * x;
  symbol.garch = ewma_garch(squares / static_cast<double>(e.size()));
  symbol.is_ewma = true;
  return {};
}

// Sets z, gap and log_sigma of symbol K.
void standardise(const PanelSeries& series, std::span<const double> e, const GjrGarch& garch, Eigen::Index k,
                 FhsHistory& history, FhsSymbol& symbol) {
  const auto h = filter_variance(garch, e, backcast(e));
  double squares = 0.0;
  double logs = 0.0;
  for (std::size_t i = 0; i < e.size(); ++i) {
    squares += e[i] * e[i] / h[i];
    logs += 0.5 * std::log(h[i]);
  }
  const auto count = static_cast<double>(e.size());
  const double unit = std::sqrt(squares / count);  // near 1
  symbol.mean_log_sigma = logs / count;
  std::size_t i = 0;
  for (std::size_t t = 0; t < series.ret.size(); ++t) {
    if (std::isnan(series.ret[t])) continue;
    const auto row = static_cast<Eigen::Index>(t);
    const double sigma = std::sqrt(h[i]);
    history.z(row, k) = e[i] / sigma / unit;
    history.log_sigma(row, k) = std::log(sigma) - symbol.mean_log_sigma;
    if (!std::isnan(series.gap[t]))
      history.gap(row, k) = (series.gap[t] - symbol.gap_share * series.mean) / sigma / unit;
    ++i;
  }
  for (const double x : e) symbol.most_move = std::max(symbol.most_move, std::abs(x));
  double mean_variance = 0.0;
  for (const double variance : h) mean_variance += variance / static_cast<double>(h.size());
  symbol.most_variance = std::max(kPartOfHighest * *std::ranges::max_element(h), kFewestTimes * mean_variance);
  symbol.next_variance = std::min(h.back(), symbol.most_variance);
  symbol.last_z = e.back() / std::sqrt(h[e.size() - 1]) / unit;
}

// The gaps' variance over that of whole returns; what brownian_day.hpp calls a share takes night and day as
// independent.
double gap_share_of(const PanelSeries& series) {
  double night = 0.0;
  double all = 0.0;
  for (std::size_t t = 0; t < series.ret.size(); ++t) {
    if (std::isnan(series.ret[t]) || std::isnan(series.gap[t])) continue;
    night += series.gap[t] * series.gap[t];
    all += series.ret[t] * series.ret[t];
  }
  return all > 0.0 ? std::min(night / all, 1.0) : 0.0;
}

void fit_range(const PanelSeries& series, Eigen::Index k, FhsHistory& history, FhsSymbol& symbol) {
  const std::size_t dates = series.ret.size();
  std::vector<double> values(dates, kMissing);
  std::vector<double> driver(dates, 0.0);
  for (std::size_t t = 0; t < dates; ++t) {
    const auto row = static_cast<Eigen::Index>(t);
    const double log_sigma = history.log_sigma(row, k);
    if (std::isnan(log_sigma)) continue;
    driver[t] = log_sigma;
    const double day = series.ret[t] - series.gap[t];
    const double beyond = series.up[t] + series.down[t];
    const double range = std::abs(day) + beyond;
    if (!(range > 0.0)) continue;
    values[t] = std::log(range) - log_sigma - symbol.mean_log_sigma;
    history.upper(row, k) = beyond > 0.0 ? series.up[t] / beyond : 0.5;
  }
  const auto fit = fit_har(values, driver, kMostMemory);
  symbol.range = fit.har;
  symbol.range_state = fit.state;
  // What the day's own move says of its range is told apart: the simulated day's move says it anew.
  double x = 0, y = 0, xx = 0, xy = 0, n = 0;
  for (std::size_t t = 0; t < dates; ++t) {
    const auto row = static_cast<Eigen::Index>(t);
    if (std::isnan(fit.residuals[t])) continue;
    const double size = log_size(history.z(row, k) - history.gap(row, k));
    x += size, y += fit.residuals[t], xx += size * size, xy += size * fit.residuals[t], ++n;
  }
  symbol.range_by_move = n > 60 ? (xy - x * y / n) / (xx - x * x / n) : 0.0;
  for (std::size_t t = 0; t < dates; ++t) {
    const auto row = static_cast<Eigen::Index>(t);
    history.range(row, k) = fit.residuals[t] - symbol.range_by_move * log_size(history.z(row, k) - history.gap(row, k));
  }
}

void fit_volume(const PanelSeries& series, Eigen::Index k, FhsHistory& history, FhsSymbol& symbol) {
  const std::size_t dates = series.ret.size();
  const auto known = std::ranges::count_if(series.log_volume, [](double v) { return !std::isnan(v); });
  symbol.has_volume = static_cast<std::size_t>(known) >= kFewestBars;
  if (!symbol.has_volume) return;
  std::vector<double> driver(dates, 0.0);
  for (std::size_t t = 0; t < dates; ++t)
    if (const double s = history.log_sigma(static_cast<Eigen::Index>(t), k); !std::isnan(s)) driver[t] = s;
  const auto fit = fit_har(series.log_volume, driver, kMostMemory);
  symbol.volume = fit.har;
  symbol.volume_state = fit.state;
  for (std::size_t t = 0; t < dates; ++t) history.volume(static_cast<Eigen::Index>(t), k) = fit.residuals[t];
}

// The regression of the missing symbols on the present ones, for one pattern of holes.
struct Pattern {
  std::vector<Eigen::Index> present;
  std::vector<Eigen::Index> missing;
  Eigen::MatrixXd slope;      // missing x present
  Eigen::VectorXd deviation;  // of what it leaves
};

Pattern make_pattern(const Eigen::MatrixXd& correlation, const std::vector<bool>& hole) {
  Pattern pattern;
  for (std::size_t k = 0; k < hole.size(); ++k)
    (hole[k] ? pattern.missing : pattern.present).push_back(static_cast<Eigen::Index>(k));
  const Eigen::MatrixXd across = correlation(pattern.missing, pattern.present);
  Eigen::MatrixXd within = correlation(pattern.present, pattern.present);
  within.diagonal().array() += 0.02;  // keeps near copies of one another from taking large weights of both signs
  pattern.slope = within.ldlt().solve(across.transpose()).transpose();
  pattern.deviation = (1.0 - (pattern.slope * across.transpose()).diagonal().array()).max(0.05).sqrt();
  return pattern;
}

// The symbol's own days, by z.
struct Donors {
  std::vector<std::pair<double, Eigen::Index>> by_z;

  [[nodiscard]] Eigen::Index nearest(double z, std::uint32_t word) const {
    constexpr std::ptrdiff_t kChoice = 10;
    const auto at = std::ranges::lower_bound(by_z, std::pair{z, Eigen::Index{0}}) - by_z.begin();
    const auto shift = static_cast<std::ptrdiff_t>(word % (2 * kChoice + 1)) - kChoice;
    const auto place = std::clamp<std::ptrdiff_t>(at + shift, 0, static_cast<std::ptrdiff_t>(by_z.size()) - 1);
    return by_z[static_cast<std::size_t>(place)].second;
  }
};

Donors donors_of(const Eigen::MatrixXd& z, const Eigen::MatrixXd& wanted, Eigen::Index k) {
  Donors donors;
  for (Eigen::Index t = 0; t < z.rows(); ++t)
    if (!std::isnan(z(t, k)) && !std::isnan(wanted(t, k))) donors.by_z.emplace_back(z(t, k), t);
  std::ranges::sort(donors.by_z);
  return donors;
}

// Fills the holes of COLUMN (and of WITH, which has the same) from donors; DEFAULT where the symbol has none.
void fill_from_donors(const Eigen::MatrixXd& own_z, const Eigen::MatrixXd& z, Eigen::Index k, std::uint64_t key,
                      std::vector<Eigen::MatrixXd*> columns, const std::vector<double>& defaults) {
  const Donors donors = donors_of(own_z, *columns.front(), k);
  for (Eigen::Index t = 0; t < z.rows(); ++t) {
    if (!std::isnan((*columns.front())(t, k))) continue;
    if (donors.by_z.empty()) {
      for (std::size_t c = 0; c < columns.size(); ++c) (*columns[c])(t, k) = defaults[c];
      continue;
    }
    const auto words = market::philox(key, market::Stream::model, static_cast<std::uint64_t>(t));
    const Eigen::Index donor = donors.nearest(z(t, k), words[0]);
    for (auto* column : columns) (*column)(t, k) = (*column)(donor, k);
  }
}

void fill_z(const Eigen::MatrixXd& correlation, FhsHistory& history) {
  const Eigen::MatrixXd own = history.z;
  const auto count = static_cast<std::size_t>(own.cols());
  std::vector<std::vector<double>> pool(count);  // what fills are drawn from
  for (std::size_t k = 0; k < count; ++k)
    for (Eigen::Index t = 0; t < own.rows(); ++t)
      if (const double v = own(t, static_cast<Eigen::Index>(k)); !std::isnan(v)) pool[k].push_back(v);
  std::map<std::vector<bool>, Pattern> patterns;
  std::vector<bool> hole(count);
  for (Eigen::Index t = 0; t < own.rows(); ++t) {
    for (std::size_t k = 0; k < count; ++k) hole[k] = std::isnan(own(t, static_cast<Eigen::Index>(k)));
    if (std::ranges::none_of(hole, [](bool b) { return b; })) continue;
    auto found = patterns.find(hole);
    if (found == patterns.end()) found = patterns.emplace(hole, make_pattern(correlation, hole)).first;
    const Pattern& pattern = found->second;
    const Eigen::VectorXd expected = pattern.slope * own(t, pattern.present).transpose();
    for (std::size_t m = 0; m < pattern.missing.size(); ++m) {
      const auto k = static_cast<std::size_t>(pattern.missing[m]);
      const auto words = market::philox(0x5EED + k, market::Stream::model, static_cast<std::uint64_t>(t));
      const auto place =
          static_cast<std::size_t>(market::unit_interval(words[1]) * static_cast<double>(pool[k].size()));
      const auto at = static_cast<Eigen::Index>(m);
      history.z(t, pattern.missing[m]) = expected[at] + pattern.deviation[at] * pool[k][place];
    }
  }
}

}  // namespace

Result<FhsHistory> filter_history(const Panel& panel, bool ewma_fallback, FhsParameters& parameters) {
  const auto dates = static_cast<Eigen::Index>(panel.size());
  const auto count = static_cast<Eigen::Index>(panel.series.size());
  FhsHistory history;
  for (auto* column : {&history.z, &history.gap, &history.range, &history.upper, &history.volume, &history.log_sigma})
    column->setConstant(dates, count, kMissing);
  parameters.dates = panel.size();
  for (Eigen::Index k = 0; k < count; ++k) {
    const PanelSeries& series = panel.series[static_cast<std::size_t>(k)];
    std::vector<double> e;
    for (const double r : series.ret)
      if (!std::isnan(r)) e.push_back(r - series.mean);
    FhsSymbol symbol;
    symbol.symbol = series.symbol;
    symbol.mean = series.mean;
    symbol.gap_share = gap_share_of(series);
    STACK_TRY(fit_volatility(e, ewma_fallback, symbol));
    standardise(series, e, symbol.garch, k, history, symbol);
    fit_range(series, k, history, symbol);
    fit_volume(series, k, history, symbol);
    parameters.symbols.push_back(std::move(symbol));
    parameters.copies.push_back(make_copy_history(series.ret));
  }
  return history;
}

void fill_holes(const Eigen::MatrixXd& correlation, FhsHistory& history) {
  const Eigen::MatrixXd own = history.z;
  fill_z(correlation, history);
  for (Eigen::Index k = 0; k < own.cols(); ++k) {
    const auto key = static_cast<std::uint64_t>(k) * 4;
    fill_from_donors(own, history.z, k, 0xD0 + key, {&history.range, &history.upper, &history.gap}, {0.0, 0.5, 0.0});
    fill_from_donors(own, history.z, k, 0xD1 + key, {&history.volume}, {0.0});
  }
}

}  // namespace stack::model
