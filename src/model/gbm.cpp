#include "model/gbm.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "model/brownian_day.hpp"
#include "model/correlation.hpp"
#include "model/gaussian_shocks.hpp"
#include "model/parameters.hpp"

namespace stack::model {
namespace {

constexpr unsigned kShockBlock = 1;  // of a session's words

// One symbol's session.
struct Daily {
  double mean = 0.0;
  double deviation = 0.0;
};

class GbmSimulation final : public Simulation {
 public:
  GbmSimulation(const Panel& panel, const Eigen::MatrixXd& correlation, std::vector<Daily> daily, std::uint64_t seed)
      : shocks_(panel, correlation, seed), daily_(std::move(daily)) {
    for (std::size_t s = 0; s < daily_.size(); ++s) days_.emplace_back(panel.series[s], seed);
  }

  void next(std::size_t count, std::vector<DayMoves>& moves) override {
    shocks_.draw(session_, count, kShockBlock, normals_);
    moves.resize(daily_.size());
    for (std::size_t s = 0; s < daily_.size(); ++s) {
      const auto [mean, deviation] = daily_[s];
      moves[s].resize(count);
      for (std::size_t i = 0; i < count; ++i)
        days_[s].put(session_ + i, {mean + deviation * normals_[0][s][i], deviation * deviation, deviation, {}},
                     moves[s], i);
    }
    session_ += count;
  }

 private:
  GaussianShocks shocks_;
  std::vector<Daily> daily_;
  std::vector<BrownianDay> days_;
  std::array<GaussianShocks::Columns, 1> normals_;
  std::uint64_t session_ = 0;
};

class Gbm final : public BarModel {
 public:
  Gbm(const Panel& panel, std::vector<GbmParameters> parameters)
      : panel_(panel),
        correlation_(nearest_correlation(pairwise_correlation(panel))),
        parameters_(std::move(parameters)) {}

  [[nodiscard]] std::unique_ptr<Simulation> start(std::uint64_t seed) const override {
    std::vector<Daily> daily;
    daily.reserve(parameters_.size());
    for (const auto& [drift, volatility] : parameters_)
      daily.push_back(
          {(drift - 0.5 * volatility * volatility) / kSessionsPerYear, volatility / std::sqrt(kSessionsPerYear)});
    return std::make_unique<GbmSimulation>(panel_, correlation_, std::move(daily), seed);
  }

  [[nodiscard]] std::vector<std::string> summary() const override {
    std::vector<std::string> lines;
    lines.reserve(parameters_.size());
    for (std::size_t s = 0; s < parameters_.size(); ++s)
      lines.push_back(fmt::format("{}: gbm, drift {:.4f} and volatility {:.4f} a year", panel_.series[s].symbol,
                                  parameters_[s].drift, parameters_[s].volatility));
    return lines;
  }

 private:
  Panel panel_;
  Eigen::MatrixXd correlation_;
  std::vector<GbmParameters> parameters_;
};

}  // namespace

GbmParameters fit_gbm(const PanelSeries& series) {
  const double volatility = series.deviation * std::sqrt(kSessionsPerYear);
  return {series.mean * kSessionsPerYear + 0.5 * volatility * volatility, volatility};
}

Result<std::unique_ptr<BarModel>> make_gbm(const Panel& panel, const ModelOptions& options) {
  STACK_TRY(check_parameters(options.mode, options.parameters));
  std::vector<GbmParameters> parameters;
  for (const auto& series : panel.series) {
    auto fitted = fit_gbm(series);
    set_given(options.parameters, series.symbol, "drift", fitted.drift);
    set_given(options.parameters, series.symbol, "volatility", fitted.volatility);
    parameters.push_back(fitted);
  }
  return std::make_unique<Gbm>(panel, std::move(parameters));
}

}  // namespace stack::model
