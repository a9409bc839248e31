#include "model/fhs.hpp"

#include <fmt/format.h>

#include <cmath>

#include "model/fhs_calibration.hpp"
#include "model/fhs_dependence.hpp"
#include "model/fhs_simulation.hpp"
#include "model/path_screening.hpp"

namespace stack::model {
namespace {

class FhsModel final : public BarModel {
 public:
  explicit FhsModel(std::shared_ptr<const FhsParameters> parameters) : parameters_(std::move(parameters)) {}

  [[nodiscard]] std::unique_ptr<Simulation> start(std::uint64_t seed) const override {
    return std::make_unique<FhsSimulation>(parameters_, seed);
  }

  [[nodiscard]] std::unique_ptr<Simulation> start_screened(const Panel&, std::uint64_t seed,
                                                           std::size_t sessions) const override {
    return std::make_unique<FhsSimulation>(parameters_, seed, sessions_to_redraw(parameters_, seed, sessions));
  }

  [[nodiscard]] std::vector<std::string> summary() const override {
    std::vector<std::string> lines;
    for (const FhsSymbol& s : parameters_->symbols)
      lines.push_back(fmt::format(
          "fhs {}: volatility {:.1f} % a year; {} alpha {:.4f} gamma {:.4f} beta {:.4f} "
          "nu {:.1f}; range memory {:.3f}, volume memory {:.3f}",
          s.symbol, 100.0 * std::sqrt(252.0 * s.garch.variance()), s.is_ewma ? "RiskMetrics" : "GJR-GARCH",
          s.garch.alpha, s.garch.gamma, s.garch.beta, s.garch.nu, s.range.persistence(), s.volume.persistence()));
    return lines;
  }

  [[nodiscard]] std::vector<std::string> warnings() const override {
    std::vector<std::string> lines;
    for (const FhsSymbol& s : parameters_->symbols)
      if (s.is_ewma)
        lines.push_back(
            fmt::format("{}: its volatility model (GJR-GARCH) does not converge; it has RiskMetrics' fixed parameters, "
                        "as --on-bad-fit ewma asks",
                        s.symbol));
    return lines;
  }

 private:
  std::shared_ptr<const FhsParameters> parameters_;
};

}  // namespace

Result<std::unique_ptr<BarModel>> fit_fhs(const Panel& panel, const ModelOptions& options) {
  auto parameters = std::make_shared<FhsParameters>();
  parameters->block = options.block.value_or(kDefaultFhsBlock);
  if (std::isnan(parameters->block) || parameters->block < 1.0 || parameters->block > kLongestFhsBlock)
    return fail(ErrorKind::usage, fmt::format("--block: {:g} is not between 1 and {:g}, the mean length in sessions of "
                                              "what fhs draws together",
                                              parameters->block, kLongestFhsBlock));
  STACK_TRY_ASSIGN(history, filter_history(panel, options.ewma_fallback, *parameters));
  Dependence target{same_day_correlation(history.z), next_day_correlation(history.z, history.z),
                    next_day_correlation(history.gap, history.z)};
  for (Eigen::Index k = 0; k < target.next_gap.rows(); ++k) {
    // A correlation with the gap is in units of the gap's deviation.
    double squares = 0.0;
    double count = 0.0;
    for (Eigen::Index t = 0; t < history.gap.rows(); ++t)
      if (const double g = history.gap(t, k); !std::isnan(g)) squares += g * g, ++count;
    target.next_gap.row(k) *= count > 0.0 ? std::sqrt(squares / count) : 0.0;
  }
  fill_holes(target.same_day, history);
  set_regimes(history, *parameters);
  set_dependence(target, history, *parameters);
  calibrate(panel, history, target, *parameters);
  return std::make_unique<FhsModel>(std::move(parameters));
}

}  // namespace stack::model
