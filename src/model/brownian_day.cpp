#include "model/brownian_day.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "market/exact_math.hpp"
#include "model/gaussian_shocks.hpp"
#include "model/normal_distribution.hpp"

namespace stack::model {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kMostOvernight = 0.95;  // some of the day is left
constexpr double kMostPersistence = 0.98;
constexpr double kMostLoading = 0.95;
constexpr unsigned kShapeBlock = 0;  // of a session's words

// The normal score of |z|, z standard normal: g with Phi(g) = P(|Z| < |z|).
class ScoreOfSize {
 public:
  ScoreOfSize() {
    for (std::size_t k = 0; k < kKnots; ++k) {
      const double z = std::max(static_cast<double>(k), 0.01) * kStep;
      knots_[k] = -market::normal_quantile(2.0 * normal_cdf(-z));
    }
  }
  double operator()(double size) const {
    const double at = std::min(size / kStep, static_cast<double>(kKnots) - 1.001);
    const auto k = static_cast<std::size_t>(at);
    return knots_[k] + (at - static_cast<double>(k)) * (knots_[k + 1] - knots_[k]);
  }

 private:
  static constexpr std::size_t kKnots = 513;
  static constexpr double kStep = 1.0 / 64.0;
  std::array<double, kKnots> knots_{};
};

double score_of_size(double size) {
  static const ScoreOfSize table;
  return table(size);
}

// Pearson's correlation of the normal scores that have Spearman's SPEARMAN, 2 sin(pi / 6 SPEARMAN): three terms of the
// sine are enough below pi / 6.
double correlation_of_scores(double spearman) {
  const double angle = kPi / 6.0 * spearman;
  return 2.0 * angle * (1.0 - angle * angle / 6.0 * (1.0 - angle * angle / 20.0));
}

// The higher extreme over the ends of a Brownian bridge from 0 to D with VARIANCE, less the higher end.
double bridge_maximum(double d, double variance, std::uint32_t word) {
  const double u = market::unit_interval(word);
  return 0.5 * (d + std::sqrt(d * d - 2.0 * variance * market::exact_log(u))) - std::max(d, 0.0);
}

}  // namespace

double overnight_share(const PanelSeries& series) {
  double gaps = 0.0;
  double moves = 0.0;
  for (std::size_t t = 0; t < series.ret.size(); ++t) {
    const double gap = series.gap[t];
    const double move = series.ret[t] - gap;
    if (std::isnan(gap) || std::isnan(move)) continue;
    gaps += gap * gap;
    moves += move * move;
  }
  return gaps + moves > 0.0 ? std::min(gaps / (gaps + moves), kMostOvernight) : 0.0;
}

BrownianDay::BrownianDay(const PanelSeries& series, std::uint64_t seed)
    : BrownianDay(series, volume_facts(series), seed) {}

BrownianDay::BrownianDay(const PanelSeries& series, const VolumeFacts& facts, std::uint64_t seed)
    : key_(model_key(seed, series.symbol)),
      overnight_(overnight_share(series)),
      level_(facts.level),
      volume_deviation_(facts.deviation),
      persistence_(std::clamp(facts.persistence, 0.0, kMostPersistence)),
      innovation_(std::sqrt(1.0 - persistence_ * persistence_)),
      loading_(std::clamp(correlation_of_scores(facts.with_moves) / innovation_, -kMostLoading, kMostLoading)),
      volume_(volume_deviation_ > 0.0 ? facts.last / volume_deviation_ : 0.0) {}

double BrownianDay::next_volume(double size, std::uint32_t word) {
  if (std::isnan(level_)) return level_;
  const double own = market::QuantileTable::standard_normal()(word);
  const double shock = loading_ * score_of_size(size) + std::sqrt(1.0 - loading_ * loading_) * own;
  volume_ = persistence_ * volume_ + innovation_ * shock;
  return level_ + volume_deviation_ * volume_;
}

void BrownianDay::put(std::uint64_t session, const DayReturn& day, DayMoves& moves, std::size_t i) {
  const auto words = model_words(key_, session, kShapeBlock);
  const double noise = market::QuantileTable::standard_normal()(words[0]);
  double gap =
      overnight_ * (day.ret - day.jump.size) + std::sqrt(overnight_ * (1.0 - overnight_) * day.variance) * noise;
  if (day.jump.overnight) gap += day.jump.size;
  const double move = day.ret - gap;
  const double of_move = (1.0 - overnight_) * day.variance;
  moves.gap[i] = gap;
  moves.move[i] = move;
  moves.up[i] = bridge_maximum(move, of_move, words[1]);
  moves.down[i] = bridge_maximum(-move, of_move, words[2]);
  moves.log_volume[i] = next_volume(std::abs(day.ret) / day.deviation, words[3]);
}

}  // namespace stack::model
