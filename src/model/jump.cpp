#include "model/jump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "market/exact_math.hpp"
#include "model/brownian_day.hpp"
#include "model/correlation.hpp"
#include "model/gaussian_shocks.hpp"
#include "model/jump_return.hpp"
#include "model/parameters.hpp"

namespace stack::model {
namespace {

constexpr unsigned kShockBlock = 1;  // of a session's words
constexpr unsigned kJumpBlock = 2;

class JumpSimulation final : public Simulation {
 public:
  JumpSimulation(const Panel& panel, const Eigen::MatrixXd& correlation, const std::vector<JumpReturn>& returns,
                 std::uint64_t seed)
      : shocks_(panel, correlation, seed), returns_(returns) {
    for (std::size_t s = 0; s < returns_.size(); ++s) {
      const auto& series = panel.series[s];
      keys_.push_back(model_key(seed, series.symbol));
      overnight_.push_back(overnight_share(series));
      days_.emplace_back(series, seed);
    }
  }

  void next(std::size_t count, std::vector<DayMoves>& moves) override {
    shocks_.draw(session_, count, kShockBlock, normals_);
    moves.resize(returns_.size());
    for (std::size_t s = 0; s < returns_.size(); ++s) {
      moves[s].resize(count);
      for (std::size_t i = 0; i < count; ++i) {
        const auto point = returns_[s].at(normals_[0][s][i]);
        days_[s].put(
            session_ + i,
            {point.ret, returns_[s].diffusion_variance(), returns_[s].deviation(), jump_of(point, s, session_ + i)},
            moves[s], i);
      }
    }
    session_ += count;
  }

 private:
  [[nodiscard]] Jump jump_of(const JumpReturn::Point& point, std::size_t symbol, std::uint64_t session) const {
    const auto words = model_words(keys_[symbol], session, kJumpBlock);
    if (market::unit_interval(words[0]) >= point.jump_chance) return {};
    const double noise = market::QuantileTable::standard_normal()(words[1]);
    return {point.jump_mean + point.jump_deviation * noise, market::unit_interval(words[2]) < overnight_[symbol]};
  }

  GaussianShocks shocks_;
  std::vector<JumpReturn> returns_;
  std::vector<std::uint64_t> keys_;
  std::vector<double> overnight_;
  std::vector<BrownianDay> days_;
  std::array<GaussianShocks::Columns, 1> normals_;
  std::uint64_t session_ = 0;
};

class JumpDiffusion final : public BarModel {
 public:
  JumpDiffusion(const Panel& panel, std::vector<JumpParameters> parameters)
      : panel_(panel), parameters_(std::move(parameters)) {
    for (const auto& each : parameters_) returns_.emplace_back(each);
    Eigen::MatrixXd normals = pairwise_correlation(panel);
    for (Eigen::Index i = 0; i < normals.rows(); ++i) {
      for (Eigen::Index j = 0; j < i; ++j) {
        normals(i, j) = JumpReturn::normal_correlation(returns_[static_cast<std::size_t>(i)],
                                                       returns_[static_cast<std::size_t>(j)], normals(i, j));
        normals(j, i) = normals(i, j);
      }
    }
    correlation_ = nearest_correlation(normals);
  }

  [[nodiscard]] std::unique_ptr<Simulation> start(std::uint64_t seed) const override {
    return std::make_unique<JumpSimulation>(panel_, correlation_, returns_, seed);
  }

  [[nodiscard]] std::vector<std::string> summary() const override {
    std::vector<std::string> lines;
    for (std::size_t s = 0; s < parameters_.size(); ++s) {
      const auto& p = parameters_[s];
      lines.push_back(
          fmt::format("{}: jump, {:.2f} jumps a year of mean {:.4f} and deviation {:.4f}, volatility {:.4f} and drift "
                      "{:.4f} a year",
                      panel_.series[s].symbol, p.intensity, p.jump_mean, p.jump_deviation, p.volatility, p.drift));
    }
    return lines;
  }

 private:
  Panel panel_;
  std::vector<JumpParameters> parameters_;
  std::vector<JumpReturn> returns_;
  Eigen::MatrixXd correlation_;  // of the normals
};

// Whether all of a symbol's parameters are given, so that nothing is left to fit.
bool all_given(const ModelOptions& options, const std::string& symbol) {
  return std::ranges::all_of(parameters_of(options.mode), [&](const ParameterSpec& spec) {
    return given_parameter(options.parameters, symbol, spec.name).has_value();
  });
}

}  // namespace

Result<std::unique_ptr<BarModel>> make_jump(const Panel& panel, const ModelOptions& options) {
  STACK_TRY(check_parameters(options.mode, options.parameters));
  std::vector<JumpParameters> parameters;
  for (const auto& series : panel.series) {
    JumpParameters each;
    if (!all_given(options, series.symbol)) {
      STACK_TRY_ASSIGN(fitted, fit_jump(series));
      each = fitted;
    }
    set_given(options.parameters, series.symbol, "intensity", each.intensity);
    set_given(options.parameters, series.symbol, "jump_mean", each.jump_mean);
    set_given(options.parameters, series.symbol, "jump_deviation", each.jump_deviation);
    set_given(options.parameters, series.symbol, "volatility", each.volatility);
    set_given(options.parameters, series.symbol, "drift", each.drift);
    parameters.push_back(each);
  }
  return std::make_unique<JumpDiffusion>(panel, std::move(parameters));
}

}  // namespace stack::model
