// stack report: history and simulation side by side, as a page and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/command.hpp"
#include "app/feed_settings.hpp"
#include "app/model_settings.hpp"
#include "app/output_file.hpp"
#include "app/progress.hpp"
#include "app/report_output.hpp"
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
  std::vector<std::string> against;
  std::uint64_t seeds = 1;
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
  STACK_TRY_ASSIGN(seeds, settings.whole("seeds", 1, 100));
  STACK_TRY_ASSIGN(threads, feed_threads(settings));
  STACK_TRY_ASSIGN(page, page_path(settings));
  options.feed = std::move(feed);
  options.bands.replicates = static_cast<unsigned>(replicates.value_or(options.bands.replicates));
  options.bands.threads = threads;
  options.least_share = share;
  options.against = settings.lines("against");
  options.seeds = seeds.value_or(1);
  options.page = std::move(page);
  const bool is_model = market::is_model(options.feed.mode);
  if (options.against.empty() && !is_model)
    return fail(ErrorKind::usage,
                "what is history to be compared with? name simulated bars with --against FILE.csv, or a model with "
                "--mode, such as --mode fhs");
  if (options.against.empty()) return options;
  if (is_model)
    return fail(ErrorKind::usage, "--against names the simulation, and so does --mode: leave one of them out");
  STACK_TRY(check_model_options(settings, options.feed.mode, {"splits"}));
  for (const auto* name : {"seed", "seeds"})
    if (settings.given(name))
      return std::unexpected(settings.wrong(name, "for --against: it belongs to a model, such as --mode fhs"));
  return options;
}

// Bars, and what makes their prices comparable over days.
struct AdjustedBars {
  market::Selection bars;
  model::Adjustments factors;

  // The place of SYMBOL among the slices; their number when it is not there.
  [[nodiscard]] std::size_t find(const std::string& symbol) const {
    const auto is_it = [&](const market::SeriesSlice& slice) { return slice.series->symbol == symbol; };
    return static_cast<std::size_t>(std::ranges::find_if(bars.slices, is_it) - bars.slices.begin());
  }
  [[nodiscard]] bool has(const std::string& symbol) const { return find(symbol) < bars.slices.size(); }
  // Empty where there is no such symbol.
  [[nodiscard]] realism::DailySeries series(const std::string& symbol) const {
    if (!has(symbol)) return realism::daily_series(symbol, {});
    const std::size_t s = find(symbol);
    return realism::daily_series(symbol, bars.slices[s].bars, factors.empty() ? std::span<const double>{} : factors[s]);
  }
};

struct Simulation {
  AdjustedBars of;
  std::string name;
};

// Files of bars, compared over days by their Adj Close where they have one.
Result<std::vector<Simulation>> simulations_in(const std::vector<std::string>& paths) {
  std::vector<Simulation> made;
  for (const auto& path : paths) {
    STACK_TRY_ASSIGN(dataset, market::Dataset::load(path));
    STACK_TRY_ASSIGN(bars, market::select(std::move(dataset), {}));
    STACK_TRY_ASSIGN(factors, model::adjusted_close_factors(bars));
    made.push_back({{std::move(bars), std::move(factors)}, std::filesystem::path{path}.filename().string()});
  }
  return made;
}

// The mode's model, fitted on HISTORY once, makes as many sessions as history's longest symbol has, once a seed.
Result<std::vector<Simulation>> simulations_of(Context& context, const ReportOptions& options,
                                               const AdjustedBars& history, Progress& progress) {
  std::size_t sessions = 0;
  for (const auto& slice : history.bars.slices) sessions = std::max(sessions, slice.bars.size());
  context.settings.set_default("sessions", std::to_string(sessions));
  STACK_TRY_ASSIGN(model, model_options(context.settings, options.feed));
  STACK_TRY_ASSIGN(fitted, fitted_history(history.bars, history.factors, options.feed, model, progress));
  std::vector<Simulation> made;
  for (std::uint64_t i = 0; i < options.seeds; ++i, ++model.seed) {
    STACK_TRY_ASSIGN(played, fitted.play(model));
    STACK_TRY_ASSIGN(bars, market::select(std::move(played.dataset), {}));
    made.push_back(
        {{std::move(bars), {}}, fmt::format("model {}, seed {}", market::mode_name(model.mode), model.seed)});
  }
  return made;
}

using SeriesOfSymbols = std::vector<realism::DailySeries>;

// History's symbols that the first simulation has too.
Result<SeriesOfSymbols> common_history(const AdjustedBars& history, const Simulation& first, Progress& progress) {
  SeriesOfSymbols common;
  const auto& slices = history.bars.slices;
  for (const auto& slice : slices)
    if (const auto& symbol = slice.series->symbol; first.of.has(symbol)) common.push_back(history.series(symbol));
  const auto& name = first.of.bars.dataset->name();
  if (common.empty())
    return fail(ErrorKind::usage,
                fmt::format("{} and {} have no symbol in common; --symbols must name one that both have",
                            history.bars.dataset->name(), name));
  if (const auto left = slices.size() - common.size(); left > 0)
    progress.warn(fmt::format("{} of history's {} symbols are not in {} and are left out", left, slices.size(), name));
  return common;
}

// Whether bands for so many sessions will do for so many others: within a twentieth.
bool alike(std::size_t a, std::size_t b) { return std::max(a, b) - std::min(a, b) <= b / 20; }

// A simulation's series of history's symbols; SHAPE: the first simulation's, whose bands are those of all.
Result<SeriesOfSymbols> simulated_series(const SeriesOfSymbols& history, const Simulation& simulated,
                                         const SeriesOfSymbols* shape) {
  SeriesOfSymbols series;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto& symbol = history[i].symbol;
    series.push_back(simulated.of.series(symbol));
    if (shape != nullptr && !alike(series[i].size(), (*shape)[i].size()))
      return fail(
          ErrorKind::usage,
          fmt::format("{}: {} has {} bars where the first simulation has {}; simulations of one report have one "
                      "length",
                      simulated.name, symbol, series[i].size(), (*shape)[i].size()));
  }
  return series;
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
  STACK_TRY_ASSIGN(plan, market::FeedPlan::make(simulated.of.bars.dataset, feed));
  return realism::day_profiles(*plan, kProfileSessions);
}

Result<void> write_page(const std::string& path, const std::string& page) {
  STACK_TRY_ASSIGN(output, OutputFile::open(path));
  STACK_TRY_ASSIGN(whole, output.write(page));
  if (!whole) return fail(ErrorKind::storage, fmt::format("{}: its reader has gone", path));
  return output.finish();
}

// The exit code: whether the share that --require asks for was reached.
Result<int> judged(const realism::PageInput& page, const ReportOptions& options) {
  const double share = realism::median_share(page.scores);
  if (!options.least_share || share >= *options.least_share) return 0;
  return fail(ErrorKind::failed,
              fmt::format("--require {}: the share of facts inside their bands is {:.3f}{}; {} shows which are not",
                          *options.least_share, share,
                          page.scores.size() > 1 ? fmt::format(", the median of {} simulations", page.scores.size())
                                                 : std::string{},
                          options.page));
}

}  // namespace

Result<int> report_command(Context& context) {
  const auto started = context.clock.steady();
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(options, report_options(context.settings));
  STACK_TRY_ASSIGN(dataset, load_dataset(context, progress));
  STACK_TRY_ASSIGN(chosen,
                   market::select(dataset, {options.feed.symbols, options.feed.from, options.feed.to, std::nullopt}));
  STACK_TRY_ASSIGN(factors, history_adjustments(context.settings, chosen, progress));
  const AdjustedBars history{std::move(chosen), std::move(factors)};
  STACK_TRY_ASSIGN(made, options.against.empty() ? simulations_of(context, options, history, progress)
                                                 : simulations_in(options.against));
  STACK_TRY_ASSIGN(past, common_history(history, made.front(), progress));
  STACK_TRY_ASSIGN(first, simulated_series(past, made.front(), nullptr));
  std::vector<std::string> symbols;
  symbols.reserve(past.size());
  for (const auto& series : past) symbols.push_back(series.symbol);
  progress.start([] { return std::string{"report: statistics and their bands"}; });
  STACK_TRY_ASSIGN(result, realism::compare(std::move(past), std::move(first), options.bands));
  STACK_TRY_ASSIGN(by_time_of_day, profiles(made.front(), options, symbols));
  realism::PageInput page{result,
                          by_time_of_day,
                          std::filesystem::path{dataset->name()}.filename().string(),
                          made.front().name,
                          {{made.front().name, realism::score_of(result)}},
                          {}};
  for (const auto& other : std::span{made}.subspan(1)) {
    STACK_TRY_ASSIGN(series, simulated_series(result.history, other, &result.simulation));
    page.scores.push_back({other.name, realism::score_another(result, series)});
    page.others.push_back(std::move(series));
  }
  STACK_TRY(write_page(options.page, realism::report_page(page)));
  progress.stop();

  const double seconds = std::chrono::duration<double>(context.clock.steady() - started).count();
  if (context.settings.flag("json"))
    print_report_json(page, options.page, seconds);
  else
    print_report_summary(page, options.page);
  return judged(page, options);
}

}  // namespace stack::app
