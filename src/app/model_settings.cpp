#include "app/model_settings.hpp"

#include <fmt/format.h>

#include <array>

namespace stack::app {
namespace {

constexpr std::array<std::string_view, 2> kModelOptions = {"sessions", "start-date"};

}  // namespace

Result<void> check_model_options(const Settings& settings, market::Mode mode) {
  if (market::is_model(mode)) return {};
  for (const auto name : kModelOptions)
    if (settings.given(name))
      return std::unexpected(settings.wrong(
          name, fmt::format("for --mode {}: it belongs to a model, such as --mode fhs", market::mode_name(mode))));
  return {};
}

Result<model::ModelOptions> model_options(const Settings& settings, const market::FeedOptions& feed) {
  model::ModelOptions options;
  options.mode = feed.mode;
  options.seed = feed.seed;
  STACK_TRY_ASSIGN(sessions, settings.whole("sessions", 1, model::kMostSessions));
  options.sessions = sessions.value_or(model::kDefaultSessions);
  STACK_TRY_ASSIGN(start, settings.date("start-date"));
  options.start_date = start;
  return options;
}

Result<model::Simulated> simulated_bars(const Settings& settings, std::shared_ptr<const market::Dataset> dataset,
                                        const market::FeedOptions& feed, Progress& progress) {
  STACK_TRY_ASSIGN(options, model_options(settings, feed));
  STACK_TRY_ASSIGN(history, market::select(std::move(dataset), {feed.symbols, feed.from, feed.to, std::nullopt}));
  STACK_TRY_ASSIGN(simulated, model::simulate_bars(history, {}, feed.tick_sizes, options));
  for (const auto& line : simulated.summary) progress.detail(line);
  return simulated;
}

}  // namespace stack::app
