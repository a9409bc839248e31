#include "model/panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace stack::model {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::int32_t> union_of_days(const market::Selection& selection) {
  std::vector<std::int32_t> days;
  for (const auto& slice : selection.slices)
    for (const auto& bar : slice.bars) days.push_back(bar.day);
  std::ranges::sort(days);
  const auto repeated = std::ranges::unique(days);
  days.erase(repeated.begin(), repeated.end());
  return days;
}

void set_moments(PanelSeries& series) {
  double sum = 0.0;
  double count = 0.0;
  for (const double r : series.ret) {
    if (std::isnan(r)) continue;
    sum += r;
    ++count;
  }
  series.mean = sum / count;
  double squares = 0.0;
  for (const double r : series.ret)
    if (!std::isnan(r)) squares += (r - series.mean) * (r - series.mean);
  series.deviation = std::sqrt(squares / count);
}

void fill_columns(std::span<const market::Bar> bars, const std::vector<double>& adjustment,
                  const std::vector<std::int32_t>& days, PanelSeries& series) {
  for (auto* column : {&series.ret, &series.gap, &series.up, &series.down, &series.log_volume})
    column->assign(days.size(), kMissing);
  double before = kMissing;  // the logarithm of the last close, adjusted
  std::size_t row = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto& bar = bars[i];
    while (days[row] < bar.day) ++row;
    const double unit = static_cast<double>(market::pow10_int(bar.scale));
    const double factor = adjustment.empty() ? 1.0 : adjustment[i];
    const double open = std::log(static_cast<double>(bar.open) / unit * factor);
    const double close = std::log(static_cast<double>(bar.close) / unit * factor);
    series.ret[row] = close - before;
    if (!bar.is_flat()) {
      series.gap[row] = open - before;
      series.up[row] = std::log(static_cast<double>(bar.high) / static_cast<double>(std::max(bar.open, bar.close)));
      series.down[row] = std::log(static_cast<double>(std::min(bar.open, bar.close)) / static_cast<double>(bar.low));
    }
    if (bar.volume > 0) series.log_volume[row] = std::log(static_cast<double>(bar.volume));
    before = close;
  }
  series.last_log_volume = kMissing;
  for (const double v : series.log_volume)
    if (!std::isnan(v)) series.last_log_volume = v;
}

}  // namespace

Result<Panel> make_panel(const market::Selection& selection, const std::vector<std::vector<double>>& adjustments,
                         const std::vector<market::TickSize>& tick_sizes) {
  Panel panel;
  panel.days = union_of_days(selection);
  for (std::size_t s = 0; s < selection.slices.size(); ++s) {
    const auto& slice = selection.slices[s];
    const auto& symbol = slice.series->symbol;
    if (slice.bars.size() < kFewestBars)
      return fail(ErrorKind::data,
                  fmt::format("{}: {} bars are too few to fit a model on; at least {} are needed: choose a longer time "
                              "with --from and --to, or other --symbols",
                              symbol, slice.bars.size(), kFewestBars));
    PanelSeries series;
    series.symbol = symbol;
    series.bars = slice.bars.size();
    fill_columns(slice.bars, adjustments.empty() ? std::vector<double>{} : adjustments[s], panel.days, series);
    set_moments(series);
    if (!(series.deviation > 0.0))
      return fail(ErrorKind::data,
                  fmt::format("{}: its close never changes from {} to {}; a model needs a series that moves: leave it "
                              "out with --symbols",
                              symbol, format_date(slice.bars.front().date()), format_date(slice.bars.back().date())));
    const auto& last = slice.bars.back();
    series.last_close = static_cast<double>(last.close) / static_cast<double>(market::pow10_int(last.scale));
    STACK_TRY_ASSIGN(grid, market::PriceGrid::infer(*slice.series, market::tick_size_of(symbol, tick_sizes)));
    series.grid = grid;
    panel.series.push_back(std::move(series));
  }
  return panel;
}

}  // namespace stack::model
