#include "model/fhs_calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "model/fhs_moments.hpp"

namespace stack::model {
namespace {

constexpr std::size_t kRounds = 14;
constexpr std::size_t kLongestPath = 4000;    // sessions; a path is as long as the history, up to this
constexpr std::size_t kAllSessions = 72'000;  // of all paths of a round
constexpr std::size_t kMostBars = 900'000;    // the same in bars of all symbols
constexpr double kGain = 0.6;                 // the part of a miss that the first round makes good; later ones less

// How far a parameter may go from what was fitted. Without these leashes one that cannot bring its moment about (sample
// moments of heavy tails do not rise for ever) would be pushed on round after round.
constexpr double kPersistenceLeash = 0.3;  // of what is missing from 1
constexpr double kNewsLeash = 1.3;         // a factor
constexpr double kMostAsymmetry = 1.25;    // above 1 a rise lowers the variance a little; its floor keeps it positive
constexpr double kMemoryLeash = 0.10;
constexpr double kLeash = 0.06;     // of a correlation
constexpr double kOwnLeash = 0.15;  // of a symbol's own from one day to the next

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
  symbol.range_by_move = std::clamp(symbol.range_by_move + 2.0 * gain * difference(wanted.range_link, found.range_link),
                                    fitted.range_by_move - 0.3, fitted.range_by_move + 0.6);
  symbol.gap_by_day =
      std::clamp(symbol.gap_by_day + gain * 0.5 * difference(wanted.night_and_day, found.night_and_day), -0.3, 0.3);
  symbol.range.mean += gain * log_ratio(wanted.parkinson, found.parkinson, 0.05);
  symbol.gap_scale = std::clamp(
      symbol.gap_scale * std::exp(0.5 * gain * log_ratio(wanted.overnight, found.overnight, 1e-4)), 0.2, 3.0);
  correct_memory(wanted.range_acf, found.range_acf, gain, fitted.range, symbol.range);
  if (!symbol.has_volume) return;
  correct_memory(wanted.volume_acf, found.volume_acf, gain, fitted.volume, symbol.volume);
  symbol.volume.link += gain * difference(wanted.volume_link, found.volume_link);
}

// VALUE, no element farther from START than LEASH: what a bounded model cannot reach is not chased.
Eigen::MatrixXd leashed(const Eigen::MatrixXd& value, const Eigen::MatrixXd& start, double leash) {
  return value.cwiseMax((start.array() - leash).matrix()).cwiseMin((start.array() + leash).matrix());
}

// What the symbols' dependence misses goes into its target; a lead's part of the night goes with it.
void correct_dependence(const Moments& wanted, const Moments& found, const Dependence& start, double gain,
                        const std::vector<FhsSymbol>& symbols, Dependence& target) {
  target.same_day = leashed(target.same_day + gain * (wanted.same_day - found.same_day), start.same_day, kLeash);
  const Eigen::MatrixXd miss = wanted.next_day - found.next_day;
  Eigen::MatrixXd next_day = leashed(target.next_day + gain * miss, start.next_day, kLeash);
  next_day.diagonal() =
      leashed(target.next_day.diagonal() + 1.5 * gain * miss.diagonal(), start.next_day.diagonal(), kOwnLeash);
  for (Eigen::Index k = 0; k < next_day.rows(); ++k)
    target.next_gap.row(k) +=
        symbols[static_cast<std::size_t>(k)].gap_share * (next_day.row(k) - target.next_day.row(k));
  target.next_day = next_day;
}

// All that the rounds move of one symbol.
std::array<double*, 16> moved_parameters(FhsSymbol& s) {
  return {&s.garch.omega,    &s.garch.alpha, &s.garch.gamma,  &s.garch.beta, &s.next_variance, &s.most_variance,
          &s.mean_log_sigma, &s.gap_scale,   &s.gap_by_day,   &s.range.mean, &s.range.day,     &s.range.month,
          &s.range_by_move,  &s.volume.day,  &s.volume.month, &s.volume.link};
}

// The mean over rounds: each of them chases the noise of its own paths, their mean does not (Polyak and Juditsky 1992).
class MeanOfRounds {
 public:
  void add(std::vector<FhsSymbol> symbols, const Dependence& target) {
    ++rounds_;
    if (rounds_ == 1) {
      symbols_ = std::move(symbols);
      target_ = target;
      return;
    }
    const double weight = 1.0 / rounds_;
    for (std::size_t k = 0; k < symbols.size(); ++k) {
      const auto mean = moved_parameters(symbols_[k]);
      const auto now = moved_parameters(symbols[k]);
      for (std::size_t p = 0; p < mean.size(); ++p) *mean[p] += weight * (*now[p] - *mean[p]);
    }
    target_.same_day += weight * (target.same_day - target_.same_day);
    target_.next_day += weight * (target.next_day - target_.next_day);
    target_.next_gap += weight * (target.next_gap - target_.next_gap);
  }
  [[nodiscard]] const std::vector<FhsSymbol>& symbols() const { return symbols_; }
  [[nodiscard]] const Dependence& target() const { return target_; }

 private:
  double rounds_ = 0.0;
  std::vector<FhsSymbol> symbols_;
  Dependence target_;
};

}  // namespace

void calibrate(const Panel& panel, const FhsHistory& history, Dependence target, FhsParameters& parameters) {
  const Moments wanted = history_moments(panel);
  const Dependence start = target;
  const std::vector<FhsSymbol> fitted = parameters.symbols;
  const std::size_t sessions = std::min(panel.size(), kLongestPath);
  const std::size_t all = std::min(kAllSessions, kMostBars / panel.series.size());
  const std::size_t paths = std::max<std::size_t>(all / sessions, 1);
  MeanOfRounds mean;
  for (std::size_t round = 0; round < kRounds; ++round) {
    const double gain = kGain / (1.0 + static_cast<double>(round) / 4.0);
    const Moments found = simulated_moments(std::make_shared<const FhsParameters>(parameters), paths, sessions);
    for (std::size_t k = 0; k < parameters.symbols.size(); ++k)
      correct_symbol(wanted.symbols[k], found.symbols[k], fitted[k], gain, parameters.symbols[k]);
    correct_dependence(wanted, found, start, gain, parameters.symbols, target);
    set_dependence(target, history, parameters);
    if (round >= kRounds / 2) mean.add(parameters.symbols, target);
  }
  parameters.symbols = mean.symbols();
  set_dependence(mean.target(), history, parameters);
}

}  // namespace stack::model
