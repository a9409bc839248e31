#include "model/heston.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/brownian_day.hpp"
#include "model/correlation.hpp"
#include "model/gaussian_shocks.hpp"
#include "model/heston_fit.hpp"
#include "model/parameters.hpp"

namespace stack::model {
namespace {

// Of a session's words; a word for each step of the variance.
constexpr unsigned kVarianceBlock = 1;
constexpr unsigned kReturnBlock = 2;
constexpr double kMostVariance = 100.0;  // a year: prices that move by more than 60 % a day are none
constexpr double kLeastCommon = 0.05;    // of the variances: some is left where a given xi is extreme
constexpr double kQuietest = 0.01;       // of the mean variance
constexpr double kStep = 1.0 / (kSessionsPerYear * static_cast<double>(kVarianceSteps));

// One symbol's variance and what a session makes of it.
class VarianceProcess {
 public:
  explicit VarianceProcess(const HestonParameters& parameters)
      : parameters_(parameters), v_(parameters.v0), own_(std::sqrt(1.0 - parameters.rho * parameters.rho)) {}

  struct Step {
    double ret = 0.0;
    double variance = 0.0;  // over the step
  };
  // Normals: OF_VARIANCE drives the variance, OF_RETURN the part of the return that is independent of it.
  Step step(double of_variance, double of_return) {
    const double v = std::max(v_, 0.0);
    const double variance = v * kStep;
    const double scale = std::sqrt(variance);
    v_ += parameters_.kappa * (parameters_.theta - v) * kStep + parameters_.xi * scale * of_variance;
    v_ = std::min(v_, kMostVariance);
    return {parameters_.drift * kStep - 0.5 * variance + scale * (parameters_.rho * of_variance + own_ * of_return),
            variance};
  }

 private:
  HestonParameters parameters_;
  double v_;  // may be below 0, and then counts as 0
  double own_;
};

// The correlations between symbols: of what drives the variances, and of what drives the returns beside it.
struct Correlations {
  Eigen::MatrixXd of_variances;
  Eigen::MatrixXd of_returns;
};

class HestonSimulation final : public Simulation {
 public:
  HestonSimulation(const Panel& panel, const Correlations& correlations,
                   const std::vector<HestonParameters>& parameters, std::uint64_t seed)
      : variance_shocks_(panel, correlations.of_variances, seed), return_shocks_(panel, correlations.of_returns, seed) {
    for (std::size_t s = 0; s < parameters.size(); ++s) {
      processes_.emplace_back(parameters[s]);
      days_.emplace_back(panel.series[s], seed);
      quietest_.push_back(kQuietest * parameters[s].theta / kSessionsPerYear);
    }
  }

  void next(std::size_t count, std::vector<DayMoves>& moves) override {
    variance_shocks_.draw(session_, count, kVarianceBlock, of_variance_);
    return_shocks_.draw(session_, count, kReturnBlock, of_return_);
    moves.resize(processes_.size());
    for (std::size_t s = 0; s < processes_.size(); ++s) {
      moves[s].resize(count);
      for (std::size_t i = 0; i < count; ++i) {
        VarianceProcess::Step day;
        for (std::size_t k = 0; k < kVarianceSteps; ++k) {
          const auto step = processes_[s].step(of_variance_[k][s][i], of_return_[k][s][i]);
          day.ret += step.ret;
          day.variance += step.variance;
        }
        const double deviation = std::sqrt(std::max(day.variance, quietest_[s]));
        days_[s].put(session_ + i, {day.ret, day.variance, deviation, {}}, moves[s], i);
      }
    }
    session_ += count;
  }

 private:
  GaussianShocks variance_shocks_;
  GaussianShocks return_shocks_;
  std::vector<VarianceProcess> processes_;
  std::vector<BrownianDay> days_;
  std::vector<double> quietest_;  // variance of a session, below which returns are not called large for the volume
  std::array<GaussianShocks::Columns, kVarianceSteps> of_variance_;
  std::array<GaussianShocks::Columns, kVarianceSteps> of_return_;
  std::uint64_t session_ = 0;
};

Eigen::MatrixXd correlation_of_variances(const Panel& panel) {
  std::vector<std::vector<double>> columns;
  columns.reserve(panel.series.size());
  for (const auto& series : panel.series) columns.push_back(log_variances(series));
  const std::vector<std::span<const double>> views(columns.begin(), columns.end());
  return nearest_correlation(pairwise_correlation(views));
}

// Mean of sqrt(v_i v_j) over sqrt(mean v_i mean v_j) along a pilot path: by how much unequal variances lower the
// correlation of returns below that of W.
Eigen::MatrixXd common_variance(const Panel& panel, const Eigen::MatrixXd& of_variances,
                                const std::vector<HestonParameters>& parameters) {
  constexpr std::uint64_t kPilotSeed = 0x48455354;
  constexpr std::size_t kSessions = 20'000;
  constexpr std::size_t kChunk = 2'000;
  const auto symbols = static_cast<Eigen::Index>(parameters.size());
  GaussianShocks shocks(panel, of_variances, kPilotSeed);
  std::array<GaussianShocks::Columns, kVarianceSteps> normals;
  std::vector<VarianceProcess> processes;
  for (auto each : parameters) {
    each.v0 = each.theta;
    processes.emplace_back(each);
  }
  Eigen::MatrixXd roots(symbols, static_cast<Eigen::Index>(kChunk));
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(symbols, symbols);
  for (std::size_t done = 0; done < kSessions; done += kChunk) {
    shocks.draw(done, kChunk, kVarianceBlock, normals);
    for (Eigen::Index s = 0; s < symbols; ++s) {
      const auto symbol = static_cast<std::size_t>(s);
      for (std::size_t i = 0; i < kChunk; ++i) {
        double variance = 0.0;
        for (const auto& step : normals) variance += processes[symbol].step(step[symbol][i], 0.0).variance;
        roots(s, static_cast<Eigen::Index>(i)) = std::sqrt(variance);
      }
    }
    products += roots * roots.transpose();
  }
  const Eigen::VectorXd scale = products.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
  return scale.asDiagonal() * products * scale.asDiagonal();
}

// With a the common variance and c the correlation that returns shall have, W_i and W_j have to have c / a; rho_i rho_j
// of it comes with the variances' own correlation, the rest is left to the returns. Where that would have to be above
// 1, the variances are made to move together more than was measured.
Correlations heston_correlations(const Panel& panel, const std::vector<HestonParameters>& parameters) {
  constexpr int kRounds = 3;
  const Eigen::MatrixXd wanted = pairwise_correlation(panel);
  Correlations found{correlation_of_variances(panel), wanted};
  for (int round = 1;; ++round) {
    const auto common = common_variance(panel, found.of_variances, parameters);
    Eigen::MatrixXd raised = found.of_variances;
    for (Eigen::Index i = 0; i < wanted.rows(); ++i) {
      for (Eigen::Index j = 0; j < i; ++j) {
        const double rho_i = parameters[static_cast<std::size_t>(i)].rho;
        const double rho_j = parameters[static_cast<std::size_t>(j)].rho;
        const double both = rho_i * rho_j;
        const double own = std::sqrt((1.0 - rho_i * rho_i) * (1.0 - rho_j * rho_j));
        const double whole = wanted(i, j) / std::max(common(i, j), kLeastCommon);
        const double rest = whole - both * found.of_variances(i, j);
        found.of_returns(i, j) = found.of_returns(j, i) = own > 0.0 ? std::clamp(rest / own, -1.0, 1.0) : 0.0;
        if (rest > own && both > 0.0) raised(i, j) = raised(j, i) = std::min((whole - own) / both, 1.0);
      }
    }
    if (round == kRounds || raised == found.of_variances) break;
    found.of_variances = nearest_correlation(raised);
  }
  found.of_returns = nearest_correlation(found.of_returns);
  return found;
}

class Heston final : public BarModel {
 public:
  Heston(Panel panel, std::vector<HestonParameters> parameters)
      : panel_(std::move(panel)),
        parameters_(std::move(parameters)),
        correlations_(heston_correlations(panel_, parameters_)) {}

  [[nodiscard]] std::unique_ptr<Simulation> start(std::uint64_t seed) const override {
    return std::make_unique<HestonSimulation>(panel_, correlations_, parameters_, seed);
  }

  [[nodiscard]] std::vector<std::string> summary() const override {
    std::vector<std::string> lines;
    for (std::size_t s = 0; s < parameters_.size(); ++s) {
      const auto& p = parameters_[s];
      lines.push_back(
          fmt::format("{}: heston, kappa {:.3f}, theta {:.5f}, xi {:.4f}, rho {:.3f}, v0 {:.5f}, drift {:.4f} a year{}",
                      panel_.series[s].symbol, p.kappa, p.theta, p.xi, p.rho, p.v0, p.drift,
                      2.0 * p.kappa * p.theta > p.xi * p.xi ? "" : "; Feller's condition does not hold"));
    }
    return lines;
  }

 private:
  Panel panel_;
  std::vector<HestonParameters> parameters_;
  Correlations correlations_;
};

// Whether nothing is left that a symbol's clusters would have to tell.
bool clusters_given(const ModelOptions& options, const std::string& symbol) {
  constexpr std::array<std::string_view, 3> kOfClusters = {"kappa", "xi", "rho"};
  return std::ranges::all_of(kOfClusters, [&](std::string_view name) {
    return given_parameter(options.parameters, symbol, name).has_value();
  });
}

Result<HestonParameters> heston_parameters(const PanelSeries& series, const ModelOptions& options) {
  auto fitted = fit_heston(series);
  if (!fitted && !clusters_given(options, series.symbol)) return fitted;
  HestonParameters parameters;
  if (fitted) {
    parameters = *fitted;
  } else {
    parameters.theta = series.deviation * series.deviation * kSessionsPerYear;
    parameters.v0 = parameters.theta;
    parameters.drift = series.mean * kSessionsPerYear + 0.5 * parameters.theta;
  }
  set_given(options.parameters, series.symbol, "kappa", parameters.kappa);
  set_given(options.parameters, series.symbol, "theta", parameters.theta);
  set_given(options.parameters, series.symbol, "xi", parameters.xi);
  set_given(options.parameters, series.symbol, "rho", parameters.rho);
  set_given(options.parameters, series.symbol, "v0", parameters.v0);
  set_given(options.parameters, series.symbol, "drift", parameters.drift);
  return parameters;
}

}  // namespace

Result<std::unique_ptr<BarModel>> make_heston(const Panel& panel, const ModelOptions& options) {
  STACK_TRY(check_parameters(options.mode, options.parameters));
  std::vector<HestonParameters> parameters;
  for (const auto& series : panel.series) {
    STACK_TRY_ASSIGN(each, heston_parameters(series, options));
    parameters.push_back(each);
  }
  return std::make_unique<Heston>(panel, std::move(parameters));
}

}  // namespace stack::model
