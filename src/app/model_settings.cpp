#include "app/model_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/model_parameters.hpp"

namespace stack::app {
namespace {

constexpr std::array<std::string_view, 6> kModelOptions = {"sessions",  "start-date", "block",
                                                           "parameter", "splits",     "on-bad-fit"};

// Whether a symbol whose volatility model does not converge gets fixed parameters.
Result<bool> ewma_fallback(const Settings& settings, market::Mode mode) {
  if (settings.given("on-bad-fit") && mode != market::Mode::fhs)
    return std::unexpected(
        settings.wrong("on-bad-fit", fmt::format("for --mode {}: it belongs to --mode fhs", market::mode_name(mode))));
  STACK_TRY(settings.choice("on-bad-fit", {"stop", "ewma"}));
  return settings.text("on-bad-fit") == "ewma";
}

}  // namespace

Result<void> check_model_options(const Settings& settings, market::Mode mode,
                                 std::initializer_list<std::string_view> allowed) {
  if (market::is_model(mode)) return {};
  for (const auto name : kModelOptions)
    if (settings.given(name) && std::ranges::find(allowed, name) == allowed.end())
      return std::unexpected(settings.wrong(
          name, fmt::format("for --mode {}: it belongs to a model, such as --mode fhs", market::mode_name(mode))));
  return {};
}

Result<model::ModelOptions> model_options(const Settings& settings, const market::FeedOptions& feed) {
  model::ModelOptions options;
  options.mode = feed.mode;
  options.seed = feed.seed;
  STACK_TRY_ASSIGN(sessions, settings.whole("sessions", 1, model::kMostSessions));
  options.sessions = sessions.value_or(feed.last_sessions.value_or(model::kDefaultSessions));
  STACK_TRY_ASSIGN(start, settings.date("start-date"));
  options.start_date = start;
  if (settings.given("block") &&
      (feed.mode == market::Mode::gbm || feed.mode == market::Mode::heston || feed.mode == market::Mode::jump))
    return std::unexpected(settings.wrong(
        "block", fmt::format("for --mode {}: it belongs to a model that resamples", market::mode_name(feed.mode))));
  STACK_TRY_ASSIGN(block, settings.positive("block"));
  if (block && *block < 1.0) return std::unexpected(settings.wrong("block", "a number of at least 1"));
  options.block = block;
  STACK_TRY_ASSIGN(parameters, model_parameters(settings, feed.mode));
  options.parameters = std::move(parameters);
  STACK_TRY_ASSIGN(falls_back, ewma_fallback(settings, feed.mode));
  options.ewma_fallback = falls_back;
  return options;
}

Result<model::Adjustments> history_adjustments(const Settings& settings, const market::Selection& history,
                                               Progress& progress) {
  STACK_TRY_ASSIGN(adjustments, model::adjusted_close_factors(history));
  if (settings.given("splits")) {
    STACK_TRY_ASSIGN(splits, model::read_splits(settings.text("splits"), *history.dataset));
    STACK_TRY(model::apply_splits(history, splits, adjustments));
  }
  for (const auto& line : model::large_move_warnings(history, adjustments)) progress.warn(line);
  return adjustments;
}

Result<model::FittedHistory> fitted_history(const market::Selection& history, const model::Adjustments& adjustments,
                                            const market::FeedOptions& feed, const model::ModelOptions& options,
                                            Progress& progress) {
  STACK_TRY(check_symbols(options.parameters, history));
  STACK_TRY(market::check_symbols_named(*history.dataset, feed));
  STACK_TRY_ASSIGN(fitted, model::FittedHistory::fit(history, adjustments, feed.tick_sizes, options));
  for (const auto& line : fitted.warnings()) progress.warn(line);
  for (const auto& line : fitted.summary()) progress.detail(line);
  return fitted;
}

Result<market::SimulatedBars> simulated_bars(const Settings& settings, std::shared_ptr<const market::Dataset> dataset,
                                             const market::FeedOptions& feed, Progress& progress) {
  STACK_TRY_ASSIGN(options, model_options(settings, feed));
  STACK_TRY_ASSIGN(history, market::select(std::move(dataset), {feed.symbols, feed.from, feed.to, std::nullopt}));
  STACK_TRY_ASSIGN(adjustments, history_adjustments(settings, history, progress));
  STACK_TRY_ASSIGN(fitted, fitted_history(history, adjustments, feed, options, progress));
  return fitted.play(options);
}

}  // namespace stack::app
