#include "model/fhs_calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <thread>

#include "market/philox.hpp"
#include "model/fhs_simulation.hpp"
#include "realism/statistics.hpp"

namespace stack::model {
namespace {

constexpr std::size_t kRounds = 12;
constexpr std::size_t kPaths = 8;
constexpr std::size_t kReplicates = 40;     // of the history
constexpr std::size_t kLongestPath = 4000;  // sessions
constexpr std::size_t kMostBars = 500'000;  // of all paths of a round
constexpr double kGain = 0.6;               // the part of a miss that the first round makes good; later ones less
constexpr double kPersistenceLeash = 0.4;   // of what is missing from 1
constexpr double kNewsLeash = 1.3;          // a factor
constexpr double kMemoryLeash = 0.10;
constexpr double kMostAsymmetry = 1.0;
constexpr double kOwnLeash = 0.15;  // the same of a symbol's own, from one day to the next
constexpr double kLeash = 0.06;     // the farthest that a correlation is moved

// Columns of sessions in their order, without holes in the returns.
struct Columns {
  std::vector<double> ret, gap, range, log_volume;
};

// The moments of one symbol that a round looks at. NaN: the symbol has none.
struct SymbolMoments {
  double deviation = 0.0;
  std::array<double, 3> abs_acf{};  // of |r| at 1, 5, 20 sessions
  double leverage = 0.0;
  double parkinson = 0.0;  // the range's deviation over that of the returns
  double overnight = 0.0;
  std::array<double, 2> range_acf{};   // at 1 and 20
  std::array<double, 2> volume_acf{};  // at 1 and 20
  double volume_link = 0.0;            // rank correlation with |r|

  static constexpr std::size_t kSize = 13;
  [[nodiscard]] std::array<double*, kSize> values() {
    return {&deviation,    &abs_acf[0],   &abs_acf[1],    &abs_acf[2],    &leverage,    &parkinson, &overnight,
            &range_acf[0], &range_acf[1], &volume_acf[0], &volume_acf[1], &volume_link, &unused};
  }
  double unused = 0.0;
};

struct Moments {
  std::vector<SymbolMoments> symbols;
  Eigen::MatrixXd same_day;
  Eigen::MatrixXd next_day;
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
  moments.volume_link = realism::spearman(columns.log_volume, sizes);
  return moments;
}

// Calls BODY(0) ... BODY(COUNT - 1), on a few threads.
template <class Body>
void in_parallel(std::size_t count, const Body& body) {
  const std::size_t workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
  std::vector<std::jthread> threads;
  for (std::size_t w = 0; w < workers; ++w)
    threads.emplace_back([&, w] {
      for (std::size_t i = w; i < count; i += workers) body(i);
    });
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
  return columns.ret.size() < 100 ? SymbolMoments{} : moments_of(columns);
}

Moments mean_of(std::vector<Moments>& each);

// The history's moments as the mean over resamples of it, so that none hangs on a single episode; its correlations as
// they are.
Moments history_moments(const Panel& panel) {
  std::vector<Moments> each(kReplicates);
  in_parallel(kReplicates, [&](std::size_t replicate) {
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

// Of PATHS paths, whatever threads make them.
Moments mean_moments(const std::shared_ptr<const FhsParameters>& parameters, std::size_t paths, std::size_t sessions) {
  std::vector<Moments> each(paths);
  in_parallel(paths, [&](std::size_t path) { each[path] = path_moments(parameters, 0xCA11B + path, sessions); });
  return mean_of(each);
}

double log_ratio(double wanted, double found, double least) {
  if (std::isnan(wanted) || std::isnan(found)) return 0.0;
  return std::log(std::max(wanted, least) / std::max(found, least));
}

double difference(double wanted, double found) {
  return std::isnan(wanted) || std::isnan(found) ? 0.0 : wanted - found;
}

GjrGarch garch_of(double variance, double persistence, double news, double asymmetry) {
  GjrGarch garch;
  garch.gamma = 2.0 * news * asymmetry;
  garch.alpha = news - 0.5 * garch.gamma;
  garch.beta = std::max(persistence - news, 0.0);
  garch.omega = variance * (1.0 - garch.persistence());
  return garch;
}

// How fast volatility forgets, how much of it is news, and how much more a fall tells: never far from what was FITTED.
void correct_garch(const SymbolMoments& wanted, const SymbolMoments& found, double gain, const GjrGarch& fitted,
                   GjrGarch& garch) {
  const auto news_of = [](const GjrGarch& g) { return g.alpha + 0.5 * g.gamma; };
  const auto early = [](const SymbolMoments& m) { return 0.5 * (m.abs_acf[0] + m.abs_acf[1]); };
  const double level = log_ratio(early(wanted), early(found), 0.02);
  const double late = log_ratio(wanted.abs_acf[2], found.abs_acf[2], 0.02);
  const double fitted_persistence = fitted.persistence();
  const double persistence = std::clamp(garch.persistence() * std::exp(gain * (late - level) / 17.0),
                                        fitted_persistence - kPersistenceLeash * (1.0 - fitted_persistence),
                                        fitted_persistence + kPersistenceLeash * (1.0 - fitted_persistence));
  const double news = std::clamp(news_of(garch) * std::exp(gain * 0.8 * level), news_of(fitted) / kNewsLeash,
                                 news_of(fitted) * kNewsLeash);
  const double asymmetry =
      std::clamp(0.5 * garch.gamma / news_of(garch) + gain * 4.0 * difference(found.leverage, wanted.leverage), -0.3,
                 kMostAsymmetry);
  const double nu = garch.nu;
  garch = garch_of(garch.variance(), persistence, news, asymmetry);
  garch.nu = nu;
}

// Multiplies all volatility by FACTOR; what is measured against it stays as it is.
void scale_volatility(double factor, FhsSymbol& symbol) {
  symbol.garch.omega *= factor * factor;
  symbol.next_variance *= factor * factor;
  symbol.most_variance *= factor * factor;
  symbol.mean_log_sigma += std::log(factor);
}

void correct_memory(const std::array<double, 2>& wanted, const std::array<double, 2>& found, double gain,
                    const Har& fitted, Har& har) {
  const auto moved = [&](double now, double at, double by) {
    return std::clamp(now + gain * 0.5 * by, at - kMemoryLeash, at + kMemoryLeash);
  };
  har.day = moved(har.day, fitted.day, difference(wanted[0], found[0]));
  har.month = moved(har.month, fitted.month, difference(wanted[1], found[1]));
  const double most = std::min(0.995, fitted.persistence() + 0.5 * (1.0 - fitted.persistence()));
  if (har.persistence() > most) har.month -= har.persistence() - most;
}

void correct_symbol(const SymbolMoments& wanted, const SymbolMoments& found, const FhsSymbol& fitted, double gain,
                    FhsSymbol& symbol) {
  correct_garch(wanted, found, gain, fitted.garch, symbol.garch);
  scale_volatility(std::exp(gain * log_ratio(wanted.deviation, found.deviation, 1e-6)), symbol);
  symbol.range.mean += gain * log_ratio(wanted.parkinson, found.parkinson, 0.05);
  symbol.gap_scale = std::clamp(
      symbol.gap_scale * std::exp(0.5 * gain * log_ratio(wanted.overnight, found.overnight, 1e-4)), 0.2, 3.0);
  correct_memory(wanted.range_acf, found.range_acf, gain, fitted.range, symbol.range);
  if (!symbol.has_volume) return;
  correct_memory(wanted.volume_acf, found.volume_acf, gain, fitted.volume, symbol.volume);
  symbol.volume.link += gain * difference(wanted.volume_link, found.volume_link);
}

// Adds CHANGE to TARGET, no element farther from START than kLeash: what a bounded model cannot reach is not chased.
void move_within_leash(const Eigen::MatrixXd& change, const Eigen::MatrixXd& start, Eigen::MatrixXd& target) {
  target = (target + change).cwiseMax((start.array() - kLeash).matrix()).cwiseMin((start.array() + kLeash).matrix());
}

}  // namespace

void calibrate(const Panel& panel, const FhsHistory& history, Dependence target, FhsParameters& parameters) {
  const Moments wanted = history_moments(panel);
  const Dependence start = target;
  const std::vector<FhsSymbol> fitted = parameters.symbols;
  const std::size_t sessions = std::min(panel.size(), kLongestPath);
  const std::size_t paths = std::clamp<std::size_t>(kMostBars / (sessions * panel.series.size()), 1, kPaths);
  for (std::size_t round = 0; round < kRounds; ++round) {
    const double gain = kGain / (1.0 + static_cast<double>(round) / 4.0);
    const Moments found = mean_moments(std::make_shared<const FhsParameters>(parameters), paths, sessions);
    if (getenv("DBG")) {
      double a = 0, b = 0;
      for (std::size_t k = 0; k < parameters.symbols.size(); ++k) {
        auto w = wanted.symbols[k], f = found.symbols[k];
        a += log(f.deviation / w.deviation);
        b += f.abs_acf[2] - w.abs_acf[2];
      }
      fprintf(stderr, "ROUND std %.3f abs20 %.3f same %.3f next %.3f\n", a / 13, b / 13,
              (wanted.same_day - found.same_day).cwiseAbs().mean(),
              (wanted.next_day - found.next_day).cwiseAbs().mean());
    }
    if (getenv("DBG"))
      for (std::size_t k : {5UL, 10UL, 11UL}) {
        auto w = wanted.symbols[k], f = found.symbols[k];
        auto& g = parameters.symbols[k].garch;
        fprintf(stderr, "r%zu k%zu p %.4f n %.3f as %.2f |", round, k, g.persistence(), g.alpha + g.gamma / 2,
                g.gamma / 2 / (g.alpha + g.gamma / 2));
        for (std::size_t v = 0; v < 12; ++v) fprintf(stderr, " %.3f/%.3f", *f.values()[v], *w.values()[v]);
        auto& r = parameters.symbols[k].range;
        fprintf(stderr, " har %.2f %.2f %.2f m%.2f l%.2f\n", r.day, r.week, r.month, r.mean, r.link);
      }
    for (std::size_t k = 0; k < parameters.symbols.size(); ++k)
      correct_symbol(wanted.symbols[k], found.symbols[k], fitted[k], gain, parameters.symbols[k]);
    move_within_leash(gain * (wanted.same_day - found.same_day), start.same_day, target.same_day);
    const Eigen::MatrixXd before = target.next_day;
    const Eigen::VectorXd target_own = before.diagonal();
    move_within_leash(gain * (wanted.next_day - found.next_day), start.next_day, target.next_day);
    target.next_day.diagonal() = (target_own + gain * (wanted.next_day - found.next_day).diagonal())
                                     .cwiseMax((start.next_day.diagonal().array() - kOwnLeash).matrix())
                                     .cwiseMin((start.next_day.diagonal().array() + kOwnLeash).matrix());
    for (std::size_t k = 0; k < parameters.symbols.size(); ++k) {
      const auto row = static_cast<Eigen::Index>(k);
      target.next_gap.row(row) += parameters.symbols[k].gap_share * (target.next_day.row(row) - before.row(row));
    }
    set_dependence(target, history, parameters);
  }
}

}  // namespace stack::model
