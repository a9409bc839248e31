#include "scenario/shocked_bars.hpp"

#include <algorithm>
#include <cmath>

#include "market/exact_math.hpp"

namespace stack::scenario {
namespace {

using market::Bar;

constexpr double kLargestMantissa = 1e16;  // beyond it a double is no longer every whole number
constexpr double kLargestVolume = 9e15;

// RATIO to the power EXPONENT; exactly itself for 1.
double power(double ratio, double exponent) {
  return exponent == 1.0 || ratio == 1.0 ? ratio : market::exact_exp(exponent * market::exact_log(ratio));
}

// What the shocks together do in one session.
struct Effect {
  double open = 1.0;  // levels
  double close = 1.0;
  double volatility = 1.0;
  double volume = 1.0;
};

Effect effect_in(std::span<const BarShock> shocks, std::size_t session) {
  Effect effect;
  for (const BarShock& each : shocks) {
    if (session < each.first) continue;
    const Shock& shock = *each.shock;
    const std::uint64_t k = session - each.first;
    switch (shock.kind) {
      case Kind::crash:
        effect.open *= level_after(shock, k);
        effect.close *= level_after(shock, k + 1);
        break;
      case Kind::gap:
        effect.open *= 1.0 + shock.size;
        effect.close *= 1.0 + shock.size;
        break;
      case Kind::flash_crash:  // the session itself is changed tick by tick
        effect.open *= level_after(shock, k);
        effect.close *= k == 0 ? 1.0 : level_after(shock, k);
        break;
      case Kind::volatility:
        if (k < shock.sessions) effect.volatility *= shock.factor;
        break;
      case Kind::volume:
        if (k < shock.sessions) effect.volume *= shock.factor;
        break;
      default:
        break;
    }
  }
  return effect;
}

// The four prices of a bar, as numbers.
struct Prices {
  double open = 0.0, high = 0.0, low = 0.0, close = 0.0;
};

Prices prices_of(const Bar& bar) {
  const auto unit = static_cast<double>(market::pow10_int(bar.scale));
  return {static_cast<double>(bar.open) / unit, static_cast<double>(bar.high) / unit,
          static_cast<double>(bar.low) / unit, static_cast<double>(bar.close) / unit};
}

// Writes PRICES to BAR as points of GRID; false: too large.
bool put_prices(const Prices& prices, const market::PriceGrid& grid, Bar& bar) {
  if (prices.high * static_cast<double>(market::pow10_int(grid.scale())) >= kLargestMantissa) return false;
  const auto point = [&](double price) {
    return grid.printed(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(grid.steps(price) + 0.5))));
  };
  bar.open = point(prices.open);
  bar.high = point(prices.high);
  bar.low = point(prices.low);
  bar.close = point(prices.close);
  bar.scale = static_cast<std::int8_t>(grid.scale());
  return true;
}

// Goes through a symbol's sessions with the level that volatility has left so far.
class Shocking {
 public:
  // False: a price or the volume is too large.
  bool change(Bar& bar, const Effect& effect, const market::PriceGrid& grid) {
    const Prices was = prices_of(bar);
    const double v = effect.volatility;
    // Moves to the power v: the gap from the last close, then the way from the open.
    if (v != 1.0 && last_close_ > 0.0) regime_ *= power(was.open / last_close_, v) / (was.open / last_close_);
    const double open = regime_ * effect.open;
    if (v != 1.0) regime_ *= power(was.close / was.open, v) / (was.close / was.open);
    const double close = regime_ * effect.close;
    last_close_ = was.close;
    if (effect.volume != 1.0) {
      const double volume = std::floor(static_cast<double>(bar.volume) * effect.volume + 0.5);
      if (volume > kLargestVolume) return false;
      bar.volume = static_cast<std::int64_t>(volume);
    }
    if (open == 1.0 && close == 1.0 && v == 1.0) return true;
    Prices now;
    now.open = was.open * open;
    now.close = was.close * close;
    // How far the high lies above the body, and the low below it, is kept.
    now.high = std::max(now.open, now.close) * power(was.high / std::max(was.open, was.close), v);
    now.low = std::min(now.open, now.close) * power(was.low / std::min(was.open, was.close), v);
    return put_prices(now, grid, bar);
  }

 private:
  double regime_ = 1.0;
  double last_close_ = 0.0;
};

}  // namespace

double level_after(const Shock& shock, std::uint64_t n) {
  const double left = 1.0 + shock.size * (1.0 - shock.rebound);
  if (shock.kind == Kind::flash_crash) return n == 0 ? 1.0 : left;
  if (n < shock.sessions) return 1.0 + shock.size * static_cast<double>(n) / shock.sessions;
  const std::uint64_t back = n - shock.sessions;
  if (back >= shock.rebound_sessions) return left;
  return 1.0 + shock.size * (1.0 - shock.rebound * static_cast<double>(back) / shock.rebound_sessions);
}

ShockedBars shocked_bars(std::span<const Bar> bars, const market::PriceGrid& grid, std::span<const BarShock> shocks) {
  ShockedBars result;
  if (shocks.empty()) return result;
  result.bars.assign(bars.begin(), bars.end());
  Shocking shocking;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (shocking.change(result.bars[i], effect_in(shocks, i), grid)) continue;
    result.out_of_range = i;
    break;
  }
  return result;
}

}  // namespace stack::scenario
