#include "model/fhs_simulation.hpp"

#include <algorithm>
#include <cmath>

#include "market/exact_math.hpp"
#include "market/philox.hpp"
#include "market/session_path.hpp"

namespace stack::model {
namespace {

// Dates are drawn among those whose volatility was within this factor (in logarithms) of today's, and among this share
// of the history at least.
constexpr double kAlike = 0.25;
constexpr double kFewestAlike = 0.04;

constexpr std::uint64_t kAttempts = 32;  // at a date that leads to no copy of history
constexpr double kTooAlike = 0.90;       // the correlation of 20 sessions with 20 of history from which they are one
constexpr double kMostNews = 3.5;        // deviations that a day's return tells of the next day's volatility at most
constexpr double kLeastVariance = 0.04;  // of the unconditional one: a fifth of its deviation

// X, and where it is beyond MOST only part of what is beyond: never more than half of MOST.
double bounded(double x, double most) {
  const double beyond = std::abs(x) - most;
  if (beyond <= 0.0) return x;
  return std::copysign(most + beyond / (1.0 + 2.0 * beyond / most), x);
}

double dot(const double* a, const double* b, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

FhsSimulation::FhsSimulation(std::shared_ptr<const FhsParameters> parameters, std::uint64_t seed,
                             std::vector<std::uint64_t> redraws)
    : parameters_(std::move(parameters)),
      key_(market::session_key(seed, market::symbol_hash("fhs"), 0)),
      redraws_(std::move(redraws)),
      guard_(parameters_->copies) {
  const std::size_t count = parameters_->symbols.size();
  states_.resize(count);
  for (auto* column : {&before_, &z_, &lead_, &lead_gap_, &returns_}) column->assign(count, 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    const FhsSymbol& symbol = parameters_->symbols[k];
    states_[k].h = symbol.next_variance;
    states_[k].range = symbol.range_state;
    states_[k].volume = symbol.volume_state;
    before_[k] = symbol.last_z;
  }
}

// What is known of the session before it is drawn.
void FhsSimulation::set_volatility() {
  const std::size_t count = states_.size();
  for (std::size_t k = 0; k < count; ++k) {
    lead_[k] = dot(&parameters_->lead[k * count], before_.data(), count);
    lead_gap_[k] = dot(&parameters_->lead_gap[k * count], before_.data(), count);
    states_[k].sigma = std::sqrt(states_[k].h);
    states_[k].driver = 0.5 * market::exact_log(states_[k].h) - parameters_->symbols[k].mean_log_sigma;
  }
}

FhsSimulation::Draw FhsSimulation::draw_date(std::uint64_t attempt) const {
  if (attempt == 0 && draw_.left > 0 && draw_.date + 1 < parameters_->dates)
    return {draw_.date + 1, draw_.left - 1, true};
  const auto words = market::philox(key_, market::Stream::model, (session_ << 16) + attempt);
  double volatility = 0.0;
  for (const State& state : states_) volatility += state.driver;
  volatility /= static_cast<double>(states_.size());
  const auto& regime = parameters_->regime;
  const auto rank_of = [&](double v) { return std::ranges::lower_bound(regime, v) - regime.begin(); };
  const auto dates = static_cast<std::ptrdiff_t>(parameters_->dates);
  const auto fewest =
      std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(kFewestAlike * static_cast<double>(dates)));
  std::ptrdiff_t from = rank_of(volatility - kAlike);
  std::ptrdiff_t to = rank_of(volatility + kAlike);
  if (to - from < fewest) {
    from = std::clamp<std::ptrdiff_t>((from + to - fewest) / 2, 0, dates - fewest);
    to = from + fewest;
  }
  const auto place = static_cast<std::size_t>(
      from + static_cast<std::ptrdiff_t>(static_cast<double>(to - from) * market::unit_interval(words[0])));
  // Lengths from 1 to twice the mean less 1, all as likely.
  const auto length = 1.0 + market::unit_interval(words[1]) * (2.0 * parameters_->block - 1.0);
  return {parameters_->by_regime[std::min(place, parameters_->dates - 1)], static_cast<std::uint32_t>(length) - 1,
          false};
}

// The first date drawn that leads to no copy of history; the farthest from one when all do.
void FhsSimulation::choose_date() {
  Draw best;
  double lowest = 2.0;
  const auto redrawn = static_cast<std::uint64_t>(std::ranges::count(redraws_, session_));
  const std::uint64_t first = redrawn * kAttempts;
  for (std::uint64_t attempt = first; attempt < first + kAttempts; ++attempt) {
    const Draw draw = draw_date(attempt);
    mix_residuals(draw.date);
    const double alike = guard_.closest(returns_, draw.date, draw.continues);
    if (alike < lowest) {
      best = draw;
      lowest = alike;
    }
    if (alike <= kTooAlike) break;
  }
  if (lowest > kTooAlike) mix_residuals(best.date);
  draw_ = best;
  guard_.add(returns_, draw_.date, draw_.continues);
}

// Sets z_ and returns_.
void FhsSimulation::mix_residuals(std::uint32_t date) {
  const std::size_t count = states_.size();
  const FhsResidual* residuals = &parameters_->residuals[date * count];
  for (std::size_t j = 0; j < count; ++j) {
    const FhsSymbol& symbol = parameters_->symbols[j];
    double sum = lead_[j];
    for (std::size_t i = 0; i < count; ++i) sum += parameters_->mix[j * count + i] * residuals[i].move;
    z_[j] = bounded(sum, symbol.most_move / states_[j].sigma);
    returns_[j] = symbol.mean + states_[j].sigma * z_[j];
  }
}

void FhsSimulation::step(std::size_t k, std::size_t at, DayMoves& moves) {
  const FhsSymbol& symbol = parameters_->symbols[k];
  const FhsResidual& residual = parameters_->residuals[draw_.date * states_.size() + k];
  State& state = states_[k];
  const double mixed = z_[k] - lead_[k];  // the residual after mixing; what that added falls into night and day alike
  const double night = symbol.gap_scale * residual.gap + symbol.gap_by_day * (residual.move - residual.gap) +
                       symbol.gap_share * (mixed - residual.move);
  const double gap = state.sigma * (lead_gap_[k] + night) + symbol.gap_share * symbol.mean;
  const double day = returns_[k] - gap;
  const double log_range = state.range.expected(symbol.range, state.driver) + residual.range +
                           symbol.range_by_move * log_size(day / state.sigma);
  const double range = state.sigma * market::exact_exp(log_range);
  const double beyond = std::max(range - std::abs(day), 0.0);
  moves.gap[at] = gap;
  moves.move[at] = day;
  moves.up[at] = residual.upper * beyond;
  moves.down[at] = beyond - moves.up[at];
  state.range.add(log_range);
  if (symbol.has_volume) {
    const double volume = state.volume.expected(symbol.volume, state.driver) + residual.volume;
    moves.log_volume[at] = volume;
    state.volume.add(volume);
  } else {
    moves.log_volume[at] = std::nan("");
  }
  state.h = std::clamp(symbol.garch.next(state.h, state.sigma * std::clamp(z_[k], -kMostNews, kMostNews)),
                       kLeastVariance * symbol.garch.variance(), symbol.most_variance);
}

void FhsSimulation::next(std::size_t count, std::vector<DayMoves>& moves) {
  moves.resize(states_.size());
  for (DayMoves& one : moves) one.resize(count);
  for (std::size_t at = 0; at < count; ++at, ++session_) {
    set_volatility();
    choose_date();
    for (std::size_t k = 0; k < states_.size(); ++k) step(k, at, moves[k]);
    before_.swap(z_);
  }
}

}  // namespace stack::model
