#include "app/feed_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "app/model_settings.hpp"
#include "scenario/scenario.hpp"

namespace stack::app {

Result<market::FeedOptions> feed_options(const Settings& settings, std::uint32_t last_sessions) {
  market::FeedOptions options;
  STACK_TRY_ASSIGN(mode, market::parse_mode(settings.text("mode")));
  STACK_TRY_ASSIGN(flat, market::parse_flat_policy(settings.text("flat")));
  STACK_TRY_ASSIGN(arrivals, market::parse_arrivals(settings.text("arrivals")));
  STACK_TRY_ASSIGN(from, settings.date("from"));
  STACK_TRY_ASSIGN(to, settings.date("to"));
  STACK_TRY_ASSIGN(seed, settings.whole("seed", 0, UINT64_MAX));
  STACK_TRY_ASSIGN(events,
                   settings.whole("events-per-session", market::kMinEventsPerSession, market::kMaxEventsPerSession));
  STACK_TRY_ASSIGN(limit, settings.whole("limit", 1, UINT64_MAX));
  STACK_TRY_ASSIGN(tick_sizes, market::parse_tick_sizes(settings.text("tick-size")));
  STACK_TRY_ASSIGN(exchanges, market::parse_exchange_overrides(settings.text("exchange")));
  options.mode = mode;
  options.flat = flat;
  options.arrivals = arrivals;
  options.quotes = settings.flag("quotes");
  if (mode == market::Mode::sample && settings.given("arrivals"))
    return std::unexpected(settings.wrong("arrivals", "for --mode sample, whose rows have no time of day"));
  options.symbols = settings.list("symbols");
  if (settings.given("symbols") && options.symbols.empty())
    return std::unexpected(settings.wrong("symbols", "a symbol or several, apart by commas"));
  options.from = from;
  options.to = to;
  options.seed = seed.value_or(1);
  options.events_per_session = static_cast<std::uint32_t>(events.value_or(market::kDefaultEventsPerSession));
  options.limit = limit;
  options.loop = settings.flag("loop");
  options.tick_sizes = std::move(tick_sizes);
  options.exchanges = std::move(exchanges);
  if (settings.given("scenario")) {
    STACK_TRY_ASSIGN(scenario, scenario::Scenario::load(settings.text("scenario")));
    options.shaper = std::move(scenario);
  }
  // A model's dates choose what it is fitted on: its range is the number of sessions.
  const bool range = market::is_model(mode) ? settings.given("sessions") : from || to;
  const bool named = range || limit || settings.given("speed") || settings.given("rate");
  if (last_sessions > 0 && !named) options.last_sessions = last_sessions;
  return options;
}

Result<std::string> data_path(const Context& context) {
  if (!context.arguments.empty()) return context.arguments.front();
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& candidate :
       {program / "../examples/data/stocks.csv", program / "../share/stack/examples/stocks.csv"}) {
    if (std::filesystem::is_regular_file(candidate)) return candidate.lexically_normal().string();
  }
  return fail(ErrorKind::usage, "name the data set, a CSV file of daily bars, behind the command, such as prices.csv");
}

Result<std::shared_ptr<const market::Dataset>> load_dataset(const Context& context, Progress& progress) {
  STACK_TRY_ASSIGN(policy, market::parse_bad_row_policy(context.settings.text("on-bad-row")));
  STACK_TRY_ASSIGN(path, data_path(context));
  STACK_TRY_ASSIGN(dataset, market::Dataset::load(path, {.on_bad_row = policy}));
  if (dataset->skipped_count() > 0) {
    progress.warn(fmt::format("{}: {} bad rows skipped", path, with_commas(dataset->skipped_count())));
    for (const auto& row : dataset->skipped()) progress.say(fmt::format("  {}:{}: {}", path, row.line, row.reason));
  }
  return dataset;
}

Result<std::shared_ptr<const market::FeedPlan>> plan_feed(const Context& context, Progress& progress,
                                                          std::uint32_t last_sessions) {
  STACK_TRY_ASSIGN(options, feed_options(context.settings, last_sessions));
  STACK_TRY(check_model_options(context.settings, options.mode));
  STACK_TRY_ASSIGN(dataset, load_dataset(context, progress));
  std::shared_ptr<const market::FeedPlan> plan;
  if (market::is_model(options.mode)) {
    STACK_TRY_ASSIGN(simulated, simulated_bars(context.settings, dataset, options, progress));
    STACK_TRY_ASSIGN(made, market::FeedPlan::make(simulated, options));
    plan = std::move(made);
  } else {
    STACK_TRY_ASSIGN(made, market::FeedPlan::make(dataset, options));
    plan = std::move(made);
  }
  for (const auto& warning : plan->warnings()) progress.warn(warning);
  return plan;
}

Result<unsigned> feed_threads(const Settings& settings) {
  STACK_TRY_ASSIGN(threads, settings.whole("threads", 1, 256));
  if (threads) return static_cast<unsigned>(*threads);
  return std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
}

}  // namespace stack::app
