#include "model/fhs_simulation.hpp"

#include <algorithm>
#include <cmath>

#include "market/exact_math.hpp"
#include "market/philox.hpp"
#include "market/session_path.hpp"

namespace stack::model {
namespace {

constexpr double kRegimeWidth = 0.15;  // dates are drawn among this share of the history, around today's volatility

constexpr double kMostNews = 3.5;       // deviations that a day's return tells of the next day's volatility at most

double dot(const double* a, const double* b, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

FhsSimulation::FhsSimulation(std::shared_ptr<const FhsParameters> parameters, std::uint64_t seed)
    : parameters_(std::move(parameters)), key_(market::session_key(seed, market::symbol_hash("fhs"), 0)) {
  const std::size_t count = parameters_->symbols.size();
  states_.resize(count);
  for (auto* column : {&before_, &z_, &lead_, &lead_gap_}) column->assign(count, 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    const FhsSymbol& symbol = parameters_->symbols[k];
    states_[k].h = symbol.next_variance;
    states_[k].range = symbol.range_state;
    states_[k].volume = symbol.volume_state;
    before_[k] = symbol.last_z;
  }
}

void FhsSimulation::set_volatility() {
  for (std::size_t k = 0; k < states_.size(); ++k) {
    states_[k].sigma = std::sqrt(states_[k].h);
    states_[k].driver = 0.5 * market::exact_log(states_[k].h) - parameters_->symbols[k].mean_log_sigma;
  }
}

std::uint32_t FhsSimulation::start_block(std::uint64_t attempt) {
  const auto words = market::philox(key_, market::Stream::model, session_ * 64 + attempt);
  double volatility = 0.0;
  for (const State& state : states_) volatility += state.driver;
  volatility /= static_cast<double>(states_.size());
  const auto& regime = parameters_->regime;
  const auto rank = static_cast<double>(std::ranges::lower_bound(regime, volatility) - regime.begin());
  const auto dates = static_cast<double>(parameters_->dates);
  const double width = std::max(1.0, kRegimeWidth * dates);
  const double from = std::clamp(rank - 0.5 * width, 0.0, dates - width);
  const auto place = static_cast<std::size_t>(from + width * market::unit_interval(words[0]));
  // Lengths from 1 to twice the mean less 1, all as likely.
  left_ = static_cast<std::uint32_t>(1.0 + market::unit_interval(words[1]) * (2.0 * parameters_->block - 1.0));
  return parameters_->by_regime[std::min(place, parameters_->dates - 1)];
}

void FhsSimulation::draw_date() {
  if (left_ > 0 && date_ + 1 < parameters_->dates) {
    ++date_;
  } else {
    date_ = start_block(0);
  }
  --left_;
}

void FhsSimulation::mix_residuals() {
  const std::size_t count = states_.size();
  const FhsResidual* residuals = &parameters_->residuals[date_ * count];
  for (std::size_t j = 0; j < count; ++j) {
    lead_[j] = dot(&parameters_->lead[j * count], before_.data(), count);
    lead_gap_[j] = dot(&parameters_->lead_gap[j * count], before_.data(), count);
    double sum = 0.0;
    for (std::size_t i = 0; i < count; ++i) sum += parameters_->mix[j * count + i] * residuals[i].move;
    z_[j] = lead_[j] + sum;
  }
}

void FhsSimulation::step(std::size_t k, std::size_t at, DayMoves& moves) {
  const FhsSymbol& symbol = parameters_->symbols[k];
  const FhsResidual& residual = parameters_->residuals[date_ * states_.size() + k];
  State& state = states_[k];
  const double mixed = z_[k] - lead_[k];  // the residual after mixing; what that added falls into night and day alike
  const double night = symbol.gap_scale * residual.gap + symbol.gap_share * (mixed - residual.move);
  const double gap = state.sigma * (lead_gap_[k] + night) + symbol.gap_share * symbol.mean;
  const double ret = symbol.mean + state.sigma * z_[k];
  const double day = ret - gap;
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
  state.h = std::min(symbol.garch.next(state.h, state.sigma * std::clamp(z_[k], -kMostNews, kMostNews)), symbol.most_variance);
}

void FhsSimulation::next(std::size_t count, std::vector<DayMoves>& moves) {
  for (DayMoves& one : moves) one.resize(count);
  for (std::size_t at = 0; at < count; ++at, ++session_) {
    set_volatility();
    draw_date();
    mix_residuals();
    for (std::size_t k = 0; k < states_.size(); ++k) step(k, at, moves[k]);
    before_.swap(z_);
  }
}

}  // namespace stack::model
