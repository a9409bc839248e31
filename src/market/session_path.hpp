// The ticks of one session, faithful to its bar: the first is the open, the last the close, the highest the high, the
// lowest the low, the sizes add up to the volume. Between them three bridges of Brownian motion (open to first extreme,
// to the other extreme, to the close) reflected at high and low, with Garman and Klass's variance.
//
// Ticks are made in blocks of kBlockTicks that are independent of each other once the session is prepared, so that any
// part of a session of any length is made in the memory of a block.
// Everything is a function of (seed, symbol, date, bar, options): neither other symbols nor threads nor the cut of the
// feed matter, and only operations that IEEE 754 fixes to the last bit are used.
// Thread-safety: one thread at a time. Never fails: bars come from a checked data set.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "market/block_motion.hpp"
#include "market/price_grid.hpp"
#include "market/quotes.hpp"
#include "market/session_spec.hpp"

namespace stack::market {

[[nodiscard]] std::uint64_t symbol_hash(std::string_view symbol);
[[nodiscard]] std::uint64_t session_key(std::uint64_t seed, std::uint64_t symbol_hash, std::int32_t day);

// Ticks in columns, filled from the front; one thread's scratch.
struct TickColumns {
  std::vector<std::int64_t> time;   // UTC microseconds
  std::vector<std::int64_t> price;  // in units of 10^-SessionPath::price_scale()
  std::vector<std::int64_t> size;
  std::vector<std::int64_t> bid;  // written only where the session has quotes; in units as the price
  std::vector<std::int64_t> ask;

  void reserve(std::size_t ticks);
};

class SessionPath {
 public:
  // Sets the session; costs a few blocks (those of the extremes).
  void prepare(const SessionSpec& spec, BlockMotion& motion);

  [[nodiscard]] std::uint64_t key() const { return spec_.key; }
  [[nodiscard]] const SessionSpec& spec() const { return spec_; }
  [[nodiscard]] std::uint32_t block_count() const { return spec_.block_count(); }
  [[nodiscard]] int price_scale() const { return price_scale_; }

  // Writes block B's ticks to OUT from index AT on (which must be large enough); returns how many.
  std::uint32_t make_block(std::uint32_t b, BlockMotion& motion, TickColumns& out, std::size_t at) const;

  // How many ticks lie before TIME (UTC microseconds). Needs no prepare(): SPEC alone says it.
  [[nodiscard]] static std::uint32_t ticks_before(const SessionSpec& spec, std::int64_t time, BlockMotion& motion);

 private:
  struct Anchor {  // a tick whose price is one of the bar's four
    std::uint32_t tick = 0;
    double time = 0.0;   // trading time, share of the session
    double walk = 0.0;   // the free motion there
    double level = 0.0;  // price in the range, 0 to 1
    std::int64_t price = 0;
  };
  // The path between two anchors: level = base + by_time * time + sigma * walk, reflected.
  struct Bridge {
    double base = 0.0;
    double by_time = 0.0;
  };

  void prepare_blocks();
  void place_anchors(BlockMotion& motion);
  using Levels = std::array<double, kBlockTicks>;  // of the path in the bar's range, 0 to 1
  void make_levels(std::uint32_t b, const BlockMotion& motion, Levels& level) const;
  void make_sizes(std::uint32_t b, const BlockMotion& motion, std::int64_t* size) const;
  void trade_on_grid(const Levels& level, std::uint32_t n, std::int64_t* price) const;
  void trade_at_four_prices(const Levels& level, std::uint32_t n, std::int64_t* price) const;
  void trade_at_quotes(std::uint32_t b, const BlockMotion& motion, const Levels& level, TickColumns& out,
                       std::size_t at) const;
  void make_prices(std::uint32_t b, const BlockMotion& motion, TickColumns& out, std::size_t at) const;
  void make_quotes(std::uint32_t b, const BlockMotion& motion, TickColumns& out, std::size_t at, std::uint32_t first,
                   std::uint32_t end) const;
  [[nodiscard]] double time_at(std::uint32_t b, const BlockMotion& motion, std::uint32_t i) const {
    return (b * double{kBlockTicks} + motion.share[i] * spec_.block_size(b)) / spec_.ticks;
  }
  [[nodiscard]] std::int64_t snap(double steps, std::int64_t& held) const;
  [[nodiscard]] double walk_at(std::uint32_t b, const BlockMotion& motion, std::uint32_t i) const;

  SessionSpec spec_;
  int price_scale_ = 0;
  std::int64_t open_ = 0, high_ = 0, low_ = 0, close_ = 0;  // in units of 10^-price_scale_
  std::int64_t printed_factor_ = 1;                         // the grid's printed units to those of the session
  PriceGrid::Range grid_range_;
  double low_steps_ = 0.0;    // the low in grid steps
  double range_steps_ = 0.0;  // high - low in grid steps
  double sigma_ = 0.0;
  QuoteMaker quotes_;
  std::array<Anchor, 4> anchors_;
  std::array<Bridge, 3> bridges_;
  std::vector<double> block_walk_;          // the free motion at the blocks' ends; [0] = 0
  std::vector<std::int64_t> block_volume_;  // the volume before each block; [blocks] = all
};

}  // namespace stack::market
