// Carries out what happens within a session (SessionShape) on its ticks: prices within a dip, sizes within a surge and
// at a reopening auction, events that are never made.
// Thread-safety: immutable once made. Never fails.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "market/feed_shape.hpp"
#include "market/session_path.hpp"

namespace stack::market {

class ShapedSession {
 public:
  // SPEC is the session's without halts.
  ShapedSession(SessionShape shape, SessionSpec spec, BlockMotion& motion);

  [[nodiscard]] std::size_t session() const { return shape_.session; }
  // Of the path, before any are left out.
  [[nodiscard]] std::uint32_t ticks() const { return ticks_; }
  [[nodiscard]] std::span<const Pause> pauses() const { return pauses_; }
  // How many of the session's first TICKS ticks are made.
  [[nodiscard]] std::uint32_t made_before(std::uint32_t ticks) const;
  // Ticks in columns: COUNT of them from index BEGIN on, of which the first is the session's tick FIRST.
  struct Run {
    std::size_t begin = 0;
    std::size_t count = 0;
    std::uint32_t first = 0;
  };
  // Changes the ticks of RUN. PRICE_SCALE is that of the prices in the columns.
  void change(TickColumns& columns, const Run& run, const SessionSpec& spec, int price_scale) const;
  // Closes up the same ticks over those that are not made; returns how many are left.
  [[nodiscard]] std::size_t drop(TickColumns& columns, const Run& run, bool quotes) const;

 private:
  struct Ticks {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  struct Auction {
    std::uint32_t tick = 0;
    double factor = 1.0;
  };
  [[nodiscard]] double level_at(std::int64_t time) const;
  void change_prices(TickColumns& columns, const Run& run, const SessionSpec& spec, int price_scale) const;

  SessionShape shape_;
  std::uint32_t ticks_ = 0;
  std::vector<Pause> pauses_;
  std::vector<Ticks> dropped_;  // disjoint, in order
  std::vector<Auction> auctions_;
};

// What DIP makes of a price at TIME, as a factor.
[[nodiscard]] double level_of(const PriceDip& dip, std::int64_t time);

}  // namespace stack::market
