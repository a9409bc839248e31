#include "model/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace stack::model {
namespace {

// Bounds beyond which prices would leave every grid within days.
constexpr ParameterSpec kDrift{"drift", "expected return a year", -10.0, 10.0};
constexpr ParameterSpec kVolatility{"volatility", "deviation of a year's log return", 0.0, 5.0, true};

constexpr std::array<ParameterSpec, 2> kGbm = {kDrift, kVolatility};
constexpr std::array<ParameterSpec, 6> kHeston = {
    ParameterSpec{"kappa", "speed a year at which variance returns to theta", 0.0, kSessionsPerYear, true},
    ParameterSpec{"theta", "mean variance a year", 0.0, 25.0, true},
    ParameterSpec{"xi", "volatility of variance", 0.0, 100.0, true},
    ParameterSpec{"rho", "correlation of return and variance", -1.0, 1.0},
    ParameterSpec{"v0", "variance a year at the start", 0.0, 25.0},
    kDrift};
constexpr std::array<ParameterSpec, 5> kJump = {
    ParameterSpec{"intensity", "jumps a year", 0.0, kSessionsPerYear},
    ParameterSpec{"jump_mean", "mean log return of a jump", -1.0, 1.0},
    ParameterSpec{"jump_deviation", "deviation of a jump's log return", 0.0, 1.0, true}, kVolatility, kDrift};

std::string allowed_values(const ParameterSpec& spec) {
  const bool bounded_below = std::isfinite(spec.least);
  if (bounded_below && spec.above_least) return fmt::format("above {} and at most {}", spec.least, spec.most);
  return fmt::format("from {} to {}", spec.least, spec.most);
}

std::string written(const ModelParameter& parameter) {
  return fmt::format("{}{}{}={}", parameter.symbol, parameter.symbol.empty() ? "" : ".", parameter.name,
                     parameter.value);
}

}  // namespace

std::span<const ParameterSpec> parameters_of(market::Mode mode) {
  if (mode == market::Mode::gbm) return kGbm;
  if (mode == market::Mode::heston) return kHeston;
  if (mode == market::Mode::jump) return kJump;
  return {};
}

Result<void> check_parameters(market::Mode mode, std::span<const ModelParameter> parameters) {
  const auto known = parameters_of(mode);
  for (const auto& parameter : parameters) {
    const auto spec = std::ranges::find(known, parameter.name, &ParameterSpec::name);
    if (spec == known.end())
      return fail(ErrorKind::usage, fmt::format("--parameter {}: --mode {} has no parameter {}", written(parameter),
                                                market::mode_name(mode), parameter.name));
    const bool fits = parameter.value >= spec->least && parameter.value <= spec->most &&
                      (!spec->above_least || parameter.value > spec->least);
    if (!fits)
      return fail(ErrorKind::usage, fmt::format("--parameter {}: {} ({}) must be {}", written(parameter), spec->name,
                                                spec->meaning, allowed_values(*spec)));
  }
  return {};
}

std::optional<double> given_parameter(std::span<const ModelParameter> parameters, std::string_view symbol,
                                      std::string_view name) {
  std::optional<double> value;
  bool own = false;
  for (const auto& parameter : parameters) {
    if (parameter.name != name) continue;
    if (parameter.symbol == symbol || (parameter.symbol.empty() && !own)) value = parameter.value;
    own = own || parameter.symbol == symbol;
  }
  return value;
}

void set_given(std::span<const ModelParameter> parameters, std::string_view symbol, std::string_view name,
               double& value) {
  if (const auto given = given_parameter(parameters, symbol, name)) value = *given;
}

}  // namespace stack::model
