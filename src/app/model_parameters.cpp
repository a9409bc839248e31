#include "app/model_parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/nearest_name.hpp"
#include "market/csv_fields.hpp"
#include "model/parameters.hpp"

namespace stack::app {
namespace {

std::string did_you_mean(std::string_view misspelt, const std::vector<std::string_view>& known) {
  const auto nearest = nearest_name(misspelt, known);
  return nearest.empty() ? std::string{} : fmt::format("; did you mean {}?", nearest);
}

std::unexpected<Error> wrong_parameter(const Settings& settings, std::string_view text, std::string_view what) {
  auto error = settings.wrong("parameter", "");
  const auto origin = error.message.substr(0, error.message.find(": \""));
  return fail(ErrorKind::usage, fmt::format("{}: \"{}\" {}", origin, text, what));
}

Result<model::ModelParameter> parameter_in(const Settings& settings, market::Mode mode, std::string_view text) {
  const auto equals = text.rfind('=');
  if (equals == std::string_view::npos)
    return wrong_parameter(settings, text, "is not NAME=VALUE or SYM.NAME=VALUE, as volatility=0.2 is");
  model::ModelParameter parameter;
  const auto number = market::trimmed(text.substr(equals + 1));
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parameter.value);
  if (error != std::errc{} || end != number.data() + number.size() || !std::isfinite(parameter.value))
    return wrong_parameter(settings, text, fmt::format("has no number for a value but '{}'", number));
  const auto key = market::trimmed(text.substr(0, equals));
  const auto dot = key.rfind('.');  // symbols have dots, names have none
  parameter.name = key.substr(dot == std::string_view::npos ? 0 : dot + 1);
  if (dot != std::string_view::npos) parameter.symbol = key.substr(0, dot);
  std::vector<std::string_view> known;
  for (const auto& spec : model::parameters_of(mode)) known.push_back(spec.name);
  if (std::ranges::find(known, parameter.name) == known.end())
    return wrong_parameter(settings, text,
                           fmt::format("names no parameter of --mode {}, which has {}{}", market::mode_name(mode),
                                       fmt::join(known, ", "), did_you_mean(parameter.name, known)));
  return parameter;
}

}  // namespace

Result<std::vector<model::ModelParameter>> model_parameters(const Settings& settings, market::Mode mode) {
  std::vector<model::ModelParameter> parameters;
  if (!settings.given("parameter")) return parameters;
  if (model::parameters_of(mode).empty())
    return std::unexpected(settings.wrong(
        "parameter", fmt::format("for --mode {}: it belongs to gbm, heston and jump", market::mode_name(mode))));
  for (const auto& text : settings.lines("parameter")) {
    STACK_TRY_ASSIGN(parameter, parameter_in(settings, mode, text));
    parameters.push_back(std::move(parameter));
  }
  STACK_TRY(model::check_parameters(mode, parameters));
  return parameters;
}

Result<void> check_symbols(const std::vector<model::ModelParameter>& parameters, const market::Selection& selection) {
  std::vector<std::string_view> known;
  known.reserve(selection.slices.size());
  for (const auto& slice : selection.slices) known.push_back(slice.series->symbol);
  for (const auto& parameter : parameters) {
    if (parameter.symbol.empty() || std::ranges::find(known, parameter.symbol) != known.end()) continue;
    return fail(ErrorKind::usage, fmt::format("--parameter {}.{}={}: {} is not among the chosen symbols of {}{}",
                                              parameter.symbol, parameter.name, parameter.value, parameter.symbol,
                                              selection.dataset->name(), did_you_mean(parameter.symbol, known)));
  }
  return {};
}

}  // namespace stack::app
