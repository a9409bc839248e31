// The parameters of the textbook models: which each has, and what values they may take.
// Thread-safety: pure, constant data. Failure: ErrorKind::usage naming --parameter, name and value.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

inline constexpr double kSessionsPerYear = 252.0;

struct ParameterSpec {
  std::string_view name;
  std::string_view meaning;  // with its unit
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool above_least = false;  // least itself is not allowed
};

// Those of a mode; empty where the mode has none.
[[nodiscard]] std::span<const ParameterSpec> parameters_of(market::Mode mode);

// Names and values of PARAMETERS are such as MODE has and allows.
[[nodiscard]] Result<void> check_parameters(market::Mode mode, std::span<const ModelParameter> parameters);

// What PARAMETERS say of SYMBOL's NAME: an entry of its own, else the last one for all.
[[nodiscard]] std::optional<double> given_parameter(std::span<const ModelParameter> parameters, std::string_view symbol,
                                                    std::string_view name);

// Puts what is given in the place of what was fitted.
void set_given(std::span<const ModelParameter> parameters, std::string_view symbol, std::string_view name,
               double& value);

}  // namespace stack::model
