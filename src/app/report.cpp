// stack report: history and simulation side by side, as a page and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/command.hpp"
#include "app/feed_settings.hpp"
#include "app/json_object.hpp"
#include "app/model_settings.hpp"
#include "app/output_file.hpp"
#include "app/progress.hpp"
#include "realism/comparison.hpp"
#include "realism/day_profile.hpp"
#include "realism/report_page.hpp"

namespace stack::app {
namespace {

constexpr std::size_t kProfileSessions = 120;

struct ReportOptions {
  market::FeedOptions feed;
  realism::BandOptions bands;
  std::optional<double> least_share;  // --require
  std::string against;
  std::string page;
};

Result<std::optional<double>> least_share(const Settings& settings) {
  STACK_TRY_ASSIGN(share, settings.positive("require"));
  if (share && *share > 1.0) return std::unexpected(settings.wrong("require", "a share above 0 and at most 1"));
  return share;
}

Result<std::string> page_path(const Settings& settings) {
  const std::string path = settings.text("report-file");
  std::error_code ignored;
  if (path == "-" || path.ends_with('/') || std::filesystem::is_directory(path, ignored))
    return std::unexpected(settings.wrong("report-file", "a file, such as -o report.html"));
  const auto folder = std::filesystem::path{path}.parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    return fail(ErrorKind::storage,
                fmt::format("{}: cannot be written: there is no folder {}; make it, or choose another place with -o",
                            path, folder.string()));
  return path;
}

Result<ReportOptions> report_options(const Settings& settings) {
  ReportOptions options;
  STACK_TRY_ASSIGN(feed, feed_options(settings));
  STACK_TRY_ASSIGN(share, least_share(settings));
  STACK_TRY_ASSIGN(replicates, settings.whole("replicates", 20, 100'000));
  STACK_TRY_ASSIGN(threads, feed_threads(settings));
  STACK_TRY_ASSIGN(page, page_path(settings));
  options.feed = std::move(feed);
  options.bands.replicates = static_cast<unsigned>(replicates.value_or(options.bands.replicates));
  options.bands.threads = threads;
  options.least_share = share;
  options.against = settings.text("against");
  options.page = std::move(page);
  const bool is_model = market::is_model(options.feed.mode);
  if (options.against.empty() && !is_model)
    return fail(ErrorKind::usage,
                "what is history to be compared with? name simulated bars with --against FILE.csv, or a model with "
                "--mode, such as --mode fhs");
  if (options.against.empty()) return options;
  if (is_model)
    return fail(ErrorKind::usage, "--against names the simulation, and so does --mode: leave one of them out");
  STACK_TRY(check_model_options(settings, options.feed.mode));
  return options;
}

struct Simulation {
  std::shared_ptr<const market::Dataset> bars;
  std::string name;
};

// The bars that are held against HISTORY: those of --against, else the mode's model makes as many sessions as the
// longest symbol of history has.
Result<Simulation> simulation(Context& context, const ReportOptions& options, const market::Selection& history,
                              Progress& progress) {
  if (!options.against.empty()) {
    STACK_TRY_ASSIGN(dataset, market::Dataset::load(options.against));
    return Simulation{std::move(dataset), std::filesystem::path{options.against}.filename().string()};
  }
  std::size_t sessions = 0;
  for (const auto& slice : history.slices) sessions = std::max(sessions, slice.bars.size());
  context.settings.set_default("sessions", std::to_string(sessions));
  STACK_TRY_ASSIGN(simulated, simulated_bars(context.settings, history.dataset, options.feed, progress));
  return Simulation{std::move(simulated.bars.dataset),
                    fmt::format("model {}, seed {}", market::mode_name(options.feed.mode), options.feed.seed)};
}

struct PairedSeries {
  std::vector<realism::DailySeries> history;
  std::vector<realism::DailySeries> simulation;

  [[nodiscard]] std::vector<std::string> symbols() const {
    std::vector<std::string> names;
    for (const auto& each : history) names.push_back(each.symbol);
    return names;
  }
};

// The symbols that both have.
Result<PairedSeries> pair_series(const market::Selection& history, const Simulation& simulated, Progress& progress) {
  PairedSeries pairs;
  const auto bars_of = [&](const std::string& symbol) -> std::span<const market::Bar> {
    const auto found = std::ranges::find(simulated.bars->series(), symbol, &market::Series::symbol);
    return found == simulated.bars->series().end() ? std::span<const market::Bar>{} : found->bars;
  };
  for (const auto& slice : history.slices) {
    const auto& symbol = slice.series->symbol;
    const auto bars = bars_of(symbol);
    if (bars.empty()) continue;
    pairs.history.push_back(realism::daily_series(symbol, slice.bars));
    pairs.simulation.push_back(realism::daily_series(symbol, bars));
  }
  if (pairs.history.empty())
    return fail(ErrorKind::usage,
                fmt::format("{} and {} have no symbol in common; --symbols must name one that both have",
                            history.dataset->name(), simulated.bars->name()));
  if (const auto left = history.slices.size() - pairs.history.size(); left > 0)
    progress.warn(fmt::format("{} of history's {} symbols are not in {} and are left out", left, history.slices.size(),
                              simulated.bars->name()));
  return pairs;
}

// Ticks are made of the simulation's last sessions, to see the day.
Result<std::vector<realism::DayProfile>> profiles(const Simulation& simulated, const ReportOptions& options,
                                                  std::vector<std::string> symbols) {
  auto feed = options.feed;
  feed.mode = market::Mode::replay;
  feed.symbols = std::move(symbols);
  feed.from = feed.to = std::nullopt;
  feed.limit = std::nullopt;
  feed.last_sessions = static_cast<std::uint32_t>(kProfileSessions);
  STACK_TRY_ASSIGN(plan, market::FeedPlan::make(simulated.bars, feed));
  return realism::day_profiles(*plan, kProfileSessions);
}

Result<void> write_page(const std::string& path, const std::string& page) {
  STACK_TRY_ASSIGN(output, OutputFile::open(path));
  STACK_TRY_ASSIGN(whole, output.write(page));
  if (!whole) return fail(ErrorKind::storage, fmt::format("{}: its reader has gone", path));
  return output.finish();
}

std::string json_number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

template <class Range, class ToJson>
std::string json_array(const Range& range, ToJson to_json) {
  std::string text;
  for (const auto& each : range) text += fmt::format("{}{}", text.empty() ? "" : ",", to_json(each));
  return fmt::format("[{}]", text);
}

std::string facts_json(const realism::Comparison& result) {
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < result.history.size(); ++i) {
    for (std::size_t k = 0; k < realism::kFactCount; ++k) {
      const auto& fact = result.facts[i][k];
      if (fact.verdict == realism::Verdict::absent) continue;
      rows.push_back(JsonObject{}
                         .text("symbol", result.history[i].symbol)
                         .text("fact", realism::fact_specs()[k].name)
                         .raw("history", json_number(fact.history))
                         .raw("simulation", json_number(fact.simulation))
                         .raw("low", json_number(fact.band.low))
                         .raw("high", json_number(fact.band.high))
                         .number("inside", fact.verdict == realism::Verdict::inside)
                         .str());
    }
  }
  return json_array(rows, [](const std::string& row) { return row; });
}

// Each pair of symbols: A's return with B's, of the same date (LAGGED: of B's next).
std::string pairs_json(const realism::Comparison& result, bool lagged) {
  const auto& history = lagged ? result.history_lead : result.history_correlation;
  const auto& simulated = lagged ? result.simulation_lead : result.simulation_correlation;
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < history.size(); ++i) {
    for (std::size_t j = lagged ? 0 : i + 1; j < history.size(); ++j) {
      if (i == j) continue;
      rows.push_back(JsonObject{}
                         .text(lagged ? "leader" : "symbol", result.history[i].symbol)
                         .text(lagged ? "follower" : "other", result.history[j].symbol)
                         .raw("history", json_number(history(i, j)))
                         .raw("simulation", json_number(simulated(i, j)))
                         .str());
    }
  }
  return json_array(rows, [](const std::string& row) { return row; });
}

std::string closest_json(const realism::Comparison& result) {
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < result.closest.size(); ++i) {
    const auto& closest = result.closest[i];
    JsonObject row;
    row.text("symbol", result.history[i].symbol).raw("correlation", json_number(closest.correlation));
    if (std::isfinite(closest.correlation)) {
      const auto date = [](const realism::DailySeries& series, std::size_t session) {
        return format_date(Date{std::chrono::days{series.day[session]}});
      };
      row.text("history_from", date(result.history[i], closest.history_session))
          .text("simulation_from", date(result.simulation[i], closest.simulation_session));
    }
    rows.push_back(row.str());
  }
  return json_array(rows, [](const std::string& row) { return row; });
}

void print_json(const realism::Comparison& result, const ReportOptions& options, double seconds) {
  fmt::print("{}\n", JsonObject{}
                         .raw("share_inside", json_number(result.share_inside()))
                         .number("pairs", result.pairs)
                         .number("inside", result.inside)
                         .raw("facts", facts_json(result))
                         .raw("correlation_error", json_number(result.correlation_error()))
                         .raw("correlations", pairs_json(result, false))
                         .raw("lead_lag_error", json_number(result.lead_error()))
                         .raw("lead_lag", pairs_json(result, true))
                         .raw("closest_window", closest_json(result))
                         .number("replicates", options.bands.replicates)
                         .text("report", options.page)
                         .seconds("seconds", seconds)
                         .str());
}

void print_summary(const realism::Comparison& result, const ReportOptions& options) {
  fmt::print("inside {} of {} facts, share {:.3f}\n", result.inside, result.pairs, result.share_inside());
  if (result.history.size() > 1)
    fmt::print("correlation error {:.3f} on the same date, {:.3f} on the next\n", result.correlation_error(),
               result.lead_error());
  const auto closest = std::ranges::max_element(result.closest, {}, [](const realism::ClosestWindow& window) {
    return std::isnan(window.correlation) ? -2.0 : window.correlation;
  });
  fmt::print("closest window {:.3f} ({})\n", closest->correlation,
             result.history[static_cast<std::size_t>(closest - result.closest.begin())].symbol);
  fmt::print("report {}\n", options.page);
}

}  // namespace

Result<int> report_command(Context& context) {
  const auto started = context.clock.steady();
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(options, report_options(context.settings));
  STACK_TRY_ASSIGN(dataset, load_dataset(context, progress));
  STACK_TRY_ASSIGN(history,
                   market::select(dataset, {options.feed.symbols, options.feed.from, options.feed.to, std::nullopt}));
  STACK_TRY_ASSIGN(simulated, simulation(context, options, history, progress));
  STACK_TRY_ASSIGN(pairs, pair_series(history, simulated, progress));
  const auto symbols = pairs.symbols();
  progress.start([] { return std::string{"report: statistics and their bands"}; });
  STACK_TRY_ASSIGN(result, realism::compare(std::move(pairs.history), std::move(pairs.simulation), options.bands));
  STACK_TRY_ASSIGN(by_time_of_day, profiles(simulated, options, symbols));
  progress.stop();
  const auto file_name = [](const std::string& path) { return std::filesystem::path{path}.filename().string(); };
  const realism::PageInput page{result, by_time_of_day, file_name(dataset->name()), simulated.name};
  STACK_TRY(write_page(options.page, realism::report_page(page)));

  const double seconds = std::chrono::duration<double>(context.clock.steady() - started).count();
  if (context.settings.flag("json"))
    print_json(result, options, seconds);
  else
    print_summary(result, options);
  if (options.least_share && !(result.share_inside() >= *options.least_share))
    return fail(
        ErrorKind::failed,
        fmt::format("--require {}: only {} of {} facts lie inside their bands, a share of {:.3f}; {} shows which",
                    *options.least_share, result.inside, result.pairs, result.share_inside(), options.page));
  return 0;
}

}  // namespace stack::app
