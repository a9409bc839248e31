#include "model/simulated_bars.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "market/line_encoder.hpp"
#include "market/row_encoder.hpp"
#include "model/bar_path.hpp"
#include "model/correlation.hpp"

namespace stack::model {
namespace {

constexpr std::size_t kChunk = 4096;          // sessions made at once: their columns stay in the cache
constexpr std::int32_t kLastDay = 2'932'896;  // 9999-12-31

Result<std::vector<std::int32_t>> session_days(const Panel& panel, const ModelOptions& options) {
  const std::int32_t first = options.start_date
                                 ? static_cast<std::int32_t>(options.start_date->time_since_epoch().count())
                                 : panel.days.back() + 1;
  auto days = weekdays_from(first, options.sessions);
  if (days.back() > kLastDay)
    return fail(ErrorKind::usage,
                fmt::format("--sessions: {} sessions from {} on end after the year 9999; ask for fewer",
                            options.sessions, format_date(Date{std::chrono::days{first}})));
  return days;
}

}  // namespace

Result<std::vector<market::Series>> simulate_series(const Panel& panel, const BarModel& model,
                                                    const ModelOptions& options) {
  STACK_TRY_ASSIGN(days, session_days(panel, options));
  std::vector<market::Series> series(panel.series.size());
  std::vector<BarPath> paths;
  for (std::size_t s = 0; s < series.size(); ++s) {
    series[s].symbol = panel.series[s].symbol;
    series[s].bars.reserve(days.size());
    paths.emplace_back(panel.series[s]);
  }
  const auto simulation = model.start_screened(panel, options.seed, options.sessions);
  std::vector<DayMoves> moves(series.size());
  for (std::size_t done = 0; done < days.size(); done += kChunk) {
    const std::size_t count = std::min(kChunk, days.size() - done);
    simulation->next(count, moves);
    for (std::size_t s = 0; s < series.size(); ++s)
      paths[s].append(moves[s], std::span{days}.subspan(done, count), series[s].bars);
  }
  return series;
}

FittedHistory::FittedHistory(market::Selection history, Panel panel, std::unique_ptr<const BarModel> model)
    : history_(std::move(history)), panel_(std::move(panel)), model_(std::move(model)) {}

Result<FittedHistory> FittedHistory::fit(market::Selection history, const std::vector<std::vector<double>>& adjustments,
                                         const std::vector<market::TickSize>& tick_sizes, const ModelOptions& options) {
  STACK_TRY_ASSIGN(panel, make_panel(history, adjustments, tick_sizes));
  STACK_TRY_ASSIGN(model, fit_model(panel, options));
  return FittedHistory{std::move(history), std::move(panel), std::move(model)};
}

Result<market::SimulatedBars> FittedHistory::play(const ModelOptions& options) const {
  STACK_TRY_ASSIGN(series, simulate_series(panel_, *model_, options));
  market::SimulatedBars bars;
  for (std::size_t s = 0; s < series.size(); ++s) {
    series[s].exchange = history_.slices[s].series->exchange;
    bars.grids.push_back(panel_.series[s].grid);
  }
  bars.history = history_;
  bars.dataset = market::Dataset::of_bars(history_.dataset->name(), std::move(series));
  return bars;
}

std::vector<std::string> FittedHistory::warnings() const {
  auto lines = alignment_warnings(panel_);
  for (auto& line : model_->warnings()) lines.push_back(std::move(line));
  return lines;
}

Result<Simulated> simulate_bars(const market::Selection& history, const std::vector<std::vector<double>>& adjustments,
                                const std::vector<market::TickSize>& tick_sizes, const ModelOptions& options) {
  STACK_TRY_ASSIGN(fitted, FittedHistory::fit(history, adjustments, tick_sizes, options));
  STACK_TRY_ASSIGN(bars, fitted.play(options));
  return Simulated{std::move(bars), fitted.summary(), fitted.warnings()};
}

std::string bars_csv_header() { return "Index,Date,Open,High,Low,Close,Volume\n"; }

void append_csv(std::string_view symbol, const market::Bar& bar, std::string& out) {
  market::append_csv_field(symbol, out);
  out += ',';
  out += format_date(bar.date());
  char digits[32];
  for (const std::int64_t price : {bar.open, bar.high, bar.low, bar.close}) {
    out += ',';
    out.append(digits, static_cast<std::size_t>(market::put_price(digits, price, bar.scale) - digits));
  }
  out += ',';
  out.append(digits,
             static_cast<std::size_t>(market::put_uint(digits, static_cast<std::uint64_t>(bar.volume)) - digits));
  out += '\n';
}

}  // namespace stack::model
