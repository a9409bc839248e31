// stack simulate --bars: simulated daily bars as CSV, in the form in which history comes.
#include <fmt/format.h>

#include <filesystem>

#include "app/command.hpp"
#include "app/feed_settings.hpp"
#include "app/model_settings.hpp"
#include "app/output_file.hpp"
#include "app/progress.hpp"
#include "market/replay_plan.hpp"

namespace stack::app {
namespace {

constexpr std::size_t kWriteAt = 1 << 20;

// False: the reader of standard output wanted no more.
Result<bool> write_bars(std::span<const market::SeriesSlice> slices, const StopFlag& stop, OutputFile& output) {
  std::string text = model::bars_csv_header();
  for (const auto& slice : slices) {
    for (const auto& bar : slice.bars) {
      model::append_csv(slice.series->symbol, bar, text);
      if (text.size() < kWriteAt) continue;
      if (stop.requested()) return fail(ErrorKind::interrupted, "stopped");
      STACK_TRY_ASSIGN(taken, output.write(text));
      if (!taken) return false;
      text.clear();
    }
  }
  return output.write(text);
}

Result<void> check_bars_options(const Settings& settings, const market::FeedOptions& options) {
  for (const auto* name :
       {"limit", "speed", "rate", "events-format", "events-per-session", "flat", "arrivals", "quotes", "loop"})
    if (settings.given(name))
      return std::unexpected(settings.wrong(name, "for --bars: it shapes ticks, and these are daily bars"));
  if (options.mode == market::Mode::sample)
    return fail(ErrorKind::usage, "--bars: --mode sample makes rows, not bars; choose a model such as --mode fhs");
  const std::filesystem::path path = settings.text("events-file");
  for (const auto* extension : {".parquet", ".ndjson", ".jsonl", ".json", ".gz"})
    if (path.extension() == extension)
      return std::unexpected(settings.wrong("events-file", "a name for CSV, which --bars writes; use -o bars.csv"));
  return check_model_options(settings, options.mode);
}

// Bars that stand in the plan or in the selection, whichever it is.
struct MadeBars {
  market::Selection selection;
  std::shared_ptr<const market::FeedPlan> plan;  // null: without a scenario
  std::vector<market::SeriesSlice> slices;
};

// Those that the ticks of a feed with the scenario would follow.
Result<MadeBars> shaped_bars(const Context& context, Progress& progress) {
  STACK_TRY_ASSIGN(plan, plan_feed(context, progress));
  MadeBars made{plan->selection(), plan, {}};
  bool within_sessions = plan->faults() != nullptr;
  for (const auto& symbol : plan->replay()->symbols()) {
    made.slices.push_back({symbol.series, symbol.bars});
    within_sessions = within_sessions || !symbol.shaped.empty();
  }
  if (within_sessions) progress.warn("--scenario: what it does within sessions is in ticks alone, not in these bars");
  return made;
}

Result<MadeBars> bars_of(const Context& context, const market::FeedOptions& options, Progress& progress) {
  if (options.shaper) return shaped_bars(context, progress);
  STACK_TRY_ASSIGN(dataset, load_dataset(context, progress));
  MadeBars made;
  if (market::is_model(options.mode)) {
    STACK_TRY_ASSIGN(simulated, simulated_bars(context.settings, dataset, options, progress));
    STACK_TRY_ASSIGN(selection, market::select(simulated.dataset, {}));
    made.selection = std::move(selection);
  } else {
    STACK_TRY_ASSIGN(selection, market::select(dataset, {options.symbols, options.from, options.to, std::nullopt}));
    made.selection = std::move(selection);
  }
  made.slices = made.selection.slices;
  return made;
}

}  // namespace

Result<int> simulate_bars_command(Context& context) {
  const auto started = context.clock.steady();
  Progress progress{context.settings};
  STACK_TRY_ASSIGN(options, feed_options(context.settings));
  STACK_TRY(check_bars_options(context.settings, options));
  const std::string path = context.settings.text("events-file");
  const bool to_file = !path.empty() && path != "-";
  if (!to_file && context.settings.flag("json"))
    return fail(ErrorKind::usage, "--json: standard output holds the bars; write them to a file with -o FILE");
  STACK_TRY_ASSIGN(bars, bars_of(context, options, progress));
  STACK_TRY_ASSIGN(output, OutputFile::open(path));
  STACK_TRY_ASSIGN(whole, write_bars(bars.slices, context.stop, output));
  if (whole) STACK_TRY(output.finish());
  const double seconds = std::chrono::duration<double>(context.clock.steady() - started).count();
  if (to_file)
    progress.say(fmt::format("{} bars of {} symbols in {}, {:.1f} s", with_commas(bars.selection.bar_count),
                             bars.slices.size(), path, seconds));
  if (context.settings.flag("json"))
    fmt::print("{{\"bars\":{},\"seconds\":{:.3f}}}\n", bars.selection.bar_count, seconds);
  return 0;
}

}  // namespace stack::app
