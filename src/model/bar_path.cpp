#include "model/bar_path.hpp"

#include <algorithm>
#include <cmath>

#include "market/exact_math.hpp"

namespace stack::model {
namespace {

constexpr double kFarthest = 1000.0;    // the factor over or under the first level at which the drift turns
constexpr double kFewestSteps = 100.0;  // nor does a level fall below so many steps of the grid
constexpr double kPull = 0.02;          // of the daily deviation, where the drift itself is weaker
constexpr double kLargestVolume = 1e15;
constexpr double kMostUnits = 1e17;  // of the grid's scale: larger prices are written as this

std::int64_t volume_of(double log_volume) {
  if (std::isnan(log_volume)) return 0;
  return static_cast<std::int64_t>(std::min(market::exact_exp(std::clamp(log_volume, 0.0, 40.0)), kLargestVolume) +
                                   0.5);
}

}  // namespace

BarPath::BarPath(const PanelSeries& series)
    : grid_(series.grid),
      most_(kMostUnits / static_cast<double>(market::pow10_int(series.grid.scale()))),
      close_(series.last_close),
      highest_(series.last_close * kFarthest),
      lowest_(
          std::min(series.last_close, std::max(series.last_close / kFarthest, kFewestSteps / series.grid.steps(1.0)))) {
  const double pull = std::max(std::abs(series.mean), kPull * series.deviation);
  pull_down_ = pull + std::max(series.mean, 0.0);
  pull_up_ = pull - std::min(series.mean, 0.0);
}

std::int64_t BarPath::on_grid(double price) const {
  const double steps = std::floor(grid_.steps(std::min(price, most_)) + 0.5);
  return grid_.printed(std::max<std::int64_t>(1, static_cast<std::int64_t>(steps)));
}

void BarPath::append(const DayMoves& moves, std::span<const std::int32_t> days, std::vector<market::Bar>& bars) {
  for (std::size_t i = 0; i < days.size(); ++i) {
    const double twice = sessions_ > 0.0 ? 2.0 * moved_ / sessions_ : 0.0;
    const double pull = close_ > highest_  ? -std::max(pull_down_, twice)
                        : close_ < lowest_ ? std::max(pull_up_, -twice)
                                           : 0.0;
    moved_ += moves.gap[i] + moves.move[i];
    ++sessions_;
    const double open = close_ * market::exact_exp(moves.gap[i]);
    close_ = open * market::exact_exp(moves.move[i] + pull);
    market::Bar bar;
    bar.day = days[i];
    bar.scale = static_cast<std::int8_t>(grid_.scale());
    bar.open = on_grid(open);
    bar.close = on_grid(close_);
    bar.high = std::max({on_grid(std::max(open, close_) * market::exact_exp(moves.up[i])), bar.open, bar.close});
    bar.low = std::min({on_grid(std::min(open, close_) * market::exact_exp(-moves.down[i])), bar.open, bar.close});
    bar.volume = volume_of(moves.log_volume[i]);
    bars.push_back(bar);
  }
}

std::vector<std::int32_t> weekdays_from(std::int32_t day, std::size_t count) {
  std::vector<std::int32_t> days;
  days.reserve(count);
  for (; days.size() < count; ++day) {
    const std::int32_t weekday = ((day % 7) + 7 + 3) % 7;  // 0: Monday; 1970-01-01 was a Thursday
    if (weekday < 5) days.push_back(day);
  }
  return days;
}

}  // namespace stack::model
