// stack simulate --bars: simulated daily bars as CSV, in the form in which history comes.
#include <fmt/format.h>

#include "app/command.hpp"
#include "app/feed_settings.hpp"
#include "app/model_settings.hpp"
#include "app/output_file.hpp"
#include "app/progress.hpp"

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
  for (const auto* name : {"limit", "speed", "rate", "events-format", "scenario"})
    if (settings.given(name))
      return std::unexpected(settings.wrong(name, "for --bars: it shapes ticks, and these are daily bars"));
  if (options.mode == market::Mode::sample)
    return fail(ErrorKind::usage, "--bars: --mode sample makes rows, not bars; choose a model such as --mode fhs");
  return check_model_options(settings, options.mode);
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
  STACK_TRY_ASSIGN(dataset, load_dataset(context, progress));
  market::Selection bars;
  if (market::is_model(options.mode)) {
    STACK_TRY_ASSIGN(simulated, simulated_bars(context.settings, dataset, options, progress));
    STACK_TRY_ASSIGN(made, market::select(simulated.dataset, {}));
    bars = std::move(made);
  } else {
    STACK_TRY_ASSIGN(chosen, market::select(dataset, {options.symbols, options.from, options.to, std::nullopt}));
    bars = std::move(chosen);
  }
  STACK_TRY_ASSIGN(output, OutputFile::open(path));
  STACK_TRY_ASSIGN(whole, write_bars(bars.slices, context.stop, output));
  if (whole) STACK_TRY(output.finish());
  const double seconds = std::chrono::duration<double>(context.clock.steady() - started).count();
  if (to_file)
    progress.say(fmt::format("{} bars of {} symbols in {}, {:.1f} s", with_commas(bars.bar_count), bars.slices.size(),
                             path, seconds));
  if (context.settings.flag("json")) fmt::print("{{\"bars\":{},\"seconds\":{:.3f}}}\n", bars.bar_count, seconds);
  return 0;
}

}  // namespace stack::app
