// The bid and the ask of one session's ticks. The free path is the efficient price, in the middle of the two, and each
// tick trades at one of them, at either with the same chance and independently of the ticks before it (Roll 1984), so
// that trades bounce between them. Both lie on the instrument's grid but for the side that is itself an off-grid price
// of the bar.
//
// The spread is a fiftieth of the day's standard deviation (Garman and Klass's), wider at the open and the close by the
// intraday profile, and at least a step of the grid: two basis points on a day that moves by a per cent. It follows
// volatility as Wyart and others (2008, Quantitative Finance 8, 41-57) find it to do; the fiftieth is a choice.
// Thread-safety: immutable once made. Never fails.
#pragma once

#include <algorithm>
#include <cstdint>

#include "market/price_grid.hpp"
#include "market/session_clock.hpp"

namespace stack::market {

struct Quote {
  std::int64_t bid = 0;  // in the session's units, as prices
  std::int64_t ask = 0;
};

class QuoteMaker {
 public:
  QuoteMaker() = default;
  // PRINTED_FACTOR: the grid's printed units to the session's. DEVIATION: of the day, in steps of the grid; 0 when
  // flat.
  QuoteMaker(const PriceGrid& grid, int price_scale, std::int64_t printed_factor, double deviation)
      : grid_(&grid),
        unit_(static_cast<double>(pow10_int(price_scale))),
        factor_(printed_factor),
        spread_(deviation * kSpreadOfDeviation) {}

  // The whole steps between bid and ask at business time TIME, 0 to 1.
  [[nodiscard]] std::int64_t spread(double time) const {
    return std::max<std::int64_t>(rounded(spread_ * intraday_profile(time)), 1);
  }
  // Which side a tick trades at, by a random word's last bit.
  [[nodiscard]] static bool at_ask(std::uint32_t word) { return (word & 1U) != 0; }

  // The quote of a trade at PRICE with SPREAD steps between the two. Where no bid above 0 fits below PRICE, it is a
  // trade at the bid whatever AT_ASK says.
  [[nodiscard]] Quote around(std::int64_t price, bool at_ask, std::int64_t spread) const {
    return around(price, nearest_step(price), at_ask, spread);
  }
  // The same where PRICE is grid point K, or nearest to it.
  [[nodiscard]] Quote around(std::int64_t price, std::int64_t k, bool at_ask, std::int64_t spread) const {
    // Without a branch on the side, which cannot be predicted.
    const std::int64_t other = at(at_ask ? std::max<std::int64_t>(k - spread, 1) : k + spread);
    const Quote quote{at_ask ? other : price, at_ask ? price : other};
    return quote.bid < quote.ask ? quote : around_off_grid(price, k, at_ask, spread);
  }

 private:
  static constexpr double kSpreadOfDeviation = 1.0 / 50;

  // Where the grid point at a distance of SPREAD is not on its side of PRICE: PRICE lies off the grid, has no grid
  // point below it, or the grid's points are printed alike.
  [[nodiscard]] Quote around_off_grid(std::int64_t price, std::int64_t k, bool at_ask, std::int64_t spread) const {
    if (at_ask) {
      std::int64_t below = std::max<std::int64_t>(k - spread, 1);
      while (at(below) >= price && below > 1) --below;
      if (at(below) < price) return {at(below), price};
    }
    std::int64_t above = k + spread;
    while (at(above) <= price) ++above;
    return {price, at(above)};
  }

  [[nodiscard]] static std::int64_t rounded(double value) {  // not negative
    const double shifted = value + 0.5;
    return static_cast<std::int64_t>(shifted);
  }
  [[nodiscard]] std::int64_t nearest_step(std::int64_t price) const {
    return rounded(grid_->steps(static_cast<double>(price) / unit_));
  }
  [[nodiscard]] std::int64_t at(std::int64_t k) const { return grid_->printed(k) * factor_; }

  const PriceGrid* grid_ = nullptr;
  double unit_ = 1.0;
  std::int64_t factor_ = 1;
  double spread_ = 0.0;  // at the profile's mean, in steps
};

}  // namespace stack::market
