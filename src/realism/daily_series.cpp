#include "realism/daily_series.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace stack::realism {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double log_ratio(double numerator, double denominator) {
  return numerator > 0.0 && denominator > 0.0 ? std::log(numerator / denominator) : kNaN;
}

}  // namespace

DailySeries daily_series(std::string symbol, std::span<const market::Bar> bars, std::span<const double> adjustment) {
  DailySeries series;
  series.symbol = std::move(symbol);
  for (auto* column : {&series.r, &series.gap, &series.intraday, &series.range, &series.log_volume})
    column->reserve(bars.size());
  series.day.reserve(bars.size());
  double last_close = kNaN;  // adjusted
  for (std::size_t t = 0; t < bars.size(); ++t) {
    const auto& bar = bars[t];
    const auto price = [&bar](std::int64_t mantissa) {
      return market::to_double({.mantissa = mantissa, .scale = bar.scale});
    };
    const double open = price(bar.open);
    const double close = price(bar.close);
    const double factor = adjustment.empty() ? 1.0 : adjustment[t];
    series.day.push_back(bar.day);
    series.r.push_back(log_ratio(close * factor, last_close));
    series.gap.push_back(log_ratio(open * factor, last_close));
    series.intraday.push_back(log_ratio(close, open));
    series.range.push_back(bar.is_flat() ? kNaN : log_ratio(price(bar.high), price(bar.low)));
    series.log_volume.push_back(bar.volume > 0 ? std::log(static_cast<double>(bar.volume)) : kNaN);
    last_close = close * factor;
  }
  return series;
}

}  // namespace stack::realism
