#include "market/session_path.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "market/exact_math.hpp"
#include "market/extremes.hpp"
#include "market/hash128.hpp"
#include "market/philox.hpp"

namespace stack::market {
namespace {

__extension__ using Wide = unsigned __int128;

// How a session's volume is spread over the business time of its ticks: by the intraday profile where ticks are even in
// trading time, evenly where the ticks have the profile already.
double volume_profile(const SessionSpec& spec, double time) {
  return spec.arrivals == Arrivals::uniform ? intraday_profile(time) : 1.0;
}

// A tick's random part of its size: between 0.64 and 16, heavy on one side.
double size_factor(std::uint32_t word) {
  const double x = 0.25 + unit_interval(word);
  return 1.0 / (x * x);
}

// VOLUME's part before SHARE (0 to 1) of it, rounded down; exact at 0 and 1, never falling in between.
std::int64_t volume_before(std::int64_t volume, double share) {
  constexpr double kOne = 4503599627370496.0;  // 2^52
  const auto fraction = static_cast<std::uint64_t>(share * kOne);
  return static_cast<std::int64_t>((Wide{static_cast<std::uint64_t>(volume)} * fraction) >> 52);
}

// The first microsecond of trading time that block B of SPEC may use; block_count() is the session's end.
std::int64_t block_start(const SessionSpec& spec, const SessionClock& clock, std::uint32_t b) {
  if (b == spec.block_count()) return clock.trading_micros();
  return clock.trading_time(b * kBlockTicks, b * double{kBlockTicks});
}

// The trading time of tick I of block B, at ARRIVAL within the block.
std::int64_t tick_time(const SessionClock& clock, std::uint32_t b, std::uint32_t n, std::uint32_t i, double arrival) {
  return clock.trading_time(b * kBlockTicks + i, b * double{kBlockTicks} + arrival * n);
}

}  // namespace

std::uint64_t symbol_hash(std::string_view symbol) {
  Hash128 hash;
  hash.add(symbol);
  return hash.value()[0];
}

std::uint64_t session_key(std::uint64_t seed, std::uint64_t symbol, std::int32_t day) {
  return mix64(mix64(mix64(seed + 0x9E3779B97F4A7C15ULL) ^ symbol) + static_cast<std::uint32_t>(day)) | 1;
}

void TickColumns::reserve(std::size_t ticks) {
  if (time.size() >= ticks) return;
  const std::size_t capacity = std::max<std::size_t>(std::bit_ceil(ticks), 4096);
  time.resize(capacity);
  price.resize(capacity);
  size.resize(capacity);
  bid.resize(capacity);
  ask.resize(capacity);
}

std::uint32_t SessionPath::ticks_before(const SessionSpec& spec, std::int64_t time, BlockMotion& motion) {
  if (time <= spec.window.open) return 0;
  if (time >= spec.window.close) return spec.ticks;
  const SessionClock clock = spec.clock();
  const std::int64_t trading = clock.trading_before(time);
  std::uint32_t b = 0;  // the last block that begins at or before TRADING
  for (std::uint32_t last = spec.block_count(); last - b > 1;) {
    const std::uint32_t middle = b + (last - b) / 2;
    (block_start(spec, clock, middle) <= trading ? b : last) = middle;
  }
  motion.move_to(spec, b);
  const std::uint32_t n = spec.block_size(b);
  std::uint32_t low = 0;
  for (std::uint32_t high = n; low < high;) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (tick_time(clock, b, n, middle, motion.arrival()[middle]) < trading)
      low = middle + 1;
    else
      high = middle;
  }
  return b * kBlockTicks + low;
}

void SessionPath::prepare(const SessionSpec& spec, BlockMotion& motion) {
  spec_ = spec;
  const Bar& bar = *spec.bar;
  price_scale_ = std::max<int>(bar.scale, spec.grid->scale());
  const std::int64_t factor = pow10_int(price_scale_ - bar.scale);
  open_ = bar.open * factor, high_ = bar.high * factor, low_ = bar.low * factor, close_ = bar.close * factor;
  printed_factor_ = pow10_int(price_scale_ - spec.grid->scale());
  prepare_blocks();
  double deviation = 0.0;  // of the day, in grid steps
  if (!bar.is_flat()) {
    grid_range_ = spec.grid->within(low_, high_, price_scale_ - spec.grid->scale());
    const auto unit = static_cast<double>(pow10_int(price_scale_));
    low_steps_ = spec.grid->steps(static_cast<double>(low_) / unit);
    range_steps_ = spec.grid->steps(static_cast<double>(high_ - low_) / unit);
    place_anchors(motion);
    deviation = sigma_ * range_steps_;
  }
  quotes_ = QuoteMaker(*spec.grid, price_scale_, printed_factor_, deviation);
}

void SessionPath::prepare_blocks() {
  const std::uint32_t blocks = block_count();
  block_walk_.resize(blocks + 1);
  block_volume_.resize(blocks + 1);
  block_walk_[0] = 0.0;
  block_volume_[0] = 0;
  block_volume_[blocks] = spec_.bar->volume;
  if (blocks == 1) return;
  static const QuantileTable& normal = QuantileTable::standard_normal();
  std::vector<double> weight(blocks + 1);
  for (std::uint32_t b = 0; b < blocks; ++b) {
    const Words4 words = philox(spec_.key, Stream::block, std::uint64_t{b} << 1);
    const double part = static_cast<double>(spec_.block_size(b)) / spec_.ticks;
    const double middle = (static_cast<double>(b) * kBlockTicks + 0.5 * spec_.block_size(b)) / spec_.ticks;
    block_walk_[b + 1] = block_walk_[b] + std::sqrt(part) * normal(words[0]);
    weight[b + 1] = weight[b] + part * volume_profile(spec_, middle) * (0.8 + 0.4 * unit_interval(words[1]));
  }
  for (std::uint32_t b = 1; b < blocks; ++b)
    block_volume_[b] = volume_before(spec_.bar->volume, weight[b] / weight[blocks]);
}

// The free motion at tick I of block B: within a session of several blocks, bent to meet the blocks' ends.
double SessionPath::walk_at(std::uint32_t b, const BlockMotion& motion, std::uint32_t i) const {
  if (block_count() == 1) return motion.walk[i];
  const std::uint32_t last = spec_.block_size(b) - 1;
  const double slope = (block_walk_[b + 1] - block_walk_[b] - motion.walk[last]) / motion.share[last];
  return block_walk_[b] + motion.walk[i] + slope * motion.share[i];
}

void SessionPath::place_anchors(BlockMotion& motion) {
  const auto range = static_cast<double>(high_ - low_);
  const auto level = [&](std::int64_t price) { return static_cast<double>(price - low_) / range; };
  NormalisedDay day{level(open_), level(close_), 0.0};
  day.variance = garman_klass_of_range(day.open, day.close);
  sigma_ = std::sqrt(day.variance);
  const Extremes extremes = draw_extremes(day, philox(spec_.key, Stream::extremes, 0));
  const std::uint32_t last = spec_.ticks - 1;
  const std::int64_t first_price = extremes.low_first ? low_ : high_;
  const std::int64_t second_price = extremes.low_first ? high_ : low_;
  // An extreme that is the open or the close is that tick; any other is a tick of its own.
  const auto tick_at = [&](double time, std::uint32_t from, std::uint32_t to) {
    return std::clamp(static_cast<std::uint32_t>(std::floor(time * last + 0.5)), from, std::max(from, to));
  };
  const bool starts = first_price == open_;
  const bool ends = second_price == close_;
  std::uint32_t first = starts ? 0 : tick_at(extremes.first, 1, last - 2);
  const std::uint32_t second = ends ? last : tick_at(extremes.second, first + 1, last - 1);
  if (!starts && first >= second) first = second - 1;
  anchors_[0] = {0, 0.0, 0.0, day.open, open_};
  anchors_[1] = {first, 0.0, 0.0, level(first_price), first_price};
  anchors_[2] = {second, 0.0, 0.0, level(second_price), second_price};
  anchors_[3] = {last, 0.0, 0.0, day.close, close_};
  for (Anchor& anchor : anchors_) {
    const std::uint32_t b = anchor.tick / kBlockTicks;
    const std::uint32_t i = anchor.tick % kBlockTicks;
    motion.move_to(spec_, b);
    anchor.time = time_at(b, motion, i);
    anchor.walk = walk_at(b, motion, i);
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const Anchor& from = anchors_[k];
    const Anchor& to = anchors_[k + 1];
    const double duration = to.time - from.time;
    if (duration <= 0.0) continue;  // no tick between them
    const double by_time = (to.level - from.level - sigma_ * (to.walk - from.walk)) / duration;
    bridges_[k] = {from.level - sigma_ * from.walk - by_time * from.time, by_time};
  }
}

// The grid point for a level of STEPS grid steps. A price is held until the path is a whole step away from it: rounding
// each tick by itself would flicker between two prices and add to the variance where steps are coarse.
std::int64_t SessionPath::snap(double steps, std::int64_t& held) const {
  if (std::abs(steps - static_cast<double>(held)) >= 1.0) held = static_cast<std::int64_t>(std::floor(steps + 0.5));
  held = std::clamp(held, grid_range_.first, grid_range_.last);
  return spec_.grid->printed(held) * printed_factor_;
}

void SessionPath::make_levels(std::uint32_t b, const BlockMotion& motion, Levels& level) const {
  const std::uint32_t n = spec_.block_size(b);
  const std::uint32_t first_tick = b * kBlockTicks;
  const double part = static_cast<double>(n) / spec_.ticks;
  const double start = static_cast<double>(first_tick) / spec_.ticks;
  const bool single = block_count() == 1;
  const double walk_base = single ? 0.0 : block_walk_[b];
  const double slope = single ? 0.0 : (block_walk_[b + 1] - block_walk_[b] - motion.walk[n - 1]) / motion.share[n - 1];
  std::uint32_t i = 0;
  for (std::size_t k = 0; k < 3; ++k) {  // the bridge from anchors_[k] to anchors_[k + 1]
    const std::uint32_t next = k == 2 ? spec_.ticks : anchors_[k + 1].tick;
    const std::uint32_t end = std::clamp(next, first_tick, first_tick + n) - first_tick;
    const Bridge& bridge = bridges_[k];
    for (; i < end; ++i) {
      const double time = start + motion.share[i] * part;
      const double walk = walk_base + motion.walk[i] + slope * motion.share[i];
      double y = bridge.base + bridge.by_time * time + sigma_ * walk;
      y -= 2.0 * std::floor(y * 0.5);
      level[i] = y > 1.0 ? 2.0 - y : y;
    }
  }
}

void SessionPath::trade_on_grid(const Levels& level, std::uint32_t n, std::int64_t* price) const {
  auto held = static_cast<std::int64_t>(std::floor(low_steps_ + level[0] * range_steps_ + 0.5));
  for (std::uint32_t i = 0; i < n; ++i) price[i] = snap(low_steps_ + level[i] * range_steps_, held);
}

// Where no grid point lies in the bar there is nothing but the four prices to choose from: the nearest one.
void SessionPath::trade_at_four_prices(const Levels& level, std::uint32_t n, std::int64_t* price) const {
  for (std::uint32_t i = 0; i < n; ++i) {
    price[i] = low_;
    const double target = level[i] * static_cast<double>(high_ - low_);
    for (const std::int64_t one : {open_, close_, high_})
      if (std::abs(static_cast<double>(one - low_) - target) < std::abs(static_cast<double>(price[i] - low_) - target))
        price[i] = one;
  }
}

// The path is the middle of the spread; what would trade outside of the bar's range trades at the range's end.
void SessionPath::trade_at_quotes(std::uint32_t b, const BlockMotion& motion, const Levels& level, TickColumns& out,
                                  std::size_t at) const {
  const std::uint32_t n = spec_.block_size(b);
  for (std::uint32_t i = 0; i < n; ++i) {
    const double middle = low_steps_ + level[i] * range_steps_;
    const std::int64_t spread = quotes_.spread(time_at(b, motion, i));
    const std::int64_t at_ask = QuoteMaker::at_ask(motion.more_word[i]) ? 1 : 0;
    const auto bid = static_cast<std::int64_t>(middle - 0.5 * static_cast<double>(spread) + 1.5) - 1;  // rounded
    const std::int64_t k = std::clamp(bid + at_ask * spread, grid_range_.first, grid_range_.last);
    const std::int64_t price = spec_.grid->printed(k) * printed_factor_;
    const Quote quote = quotes_.around(price, k, at_ask != 0, spread);
    out.price[at + i] = price;
    out.bid[at + i] = quote.bid;
    out.ask[at + i] = quote.ask;
  }
}

void SessionPath::make_prices(std::uint32_t b, const BlockMotion& motion, TickColumns& out, std::size_t at) const {
  const std::uint32_t n = spec_.block_size(b);
  std::int64_t* const price = out.price.data() + at;
  if (spec_.bar->is_flat()) {
    std::fill_n(price, n, open_);
    make_quotes(b, motion, out, at, 0, n);
    return;
  }
  Levels level;
  make_levels(b, motion, level);
  if (grid_range_.first > grid_range_.last) {
    trade_at_four_prices(level, n, price);
    make_quotes(b, motion, out, at, 0, n);
  } else if (spec_.quotes) {
    trade_at_quotes(b, motion, level, out, at);
  } else {
    trade_on_grid(level, n, price);
  }
  for (const Anchor& anchor : anchors_) {
    if (anchor.tick / kBlockTicks != b) continue;
    const std::uint32_t i = anchor.tick % kBlockTicks;
    price[i] = anchor.price;
    make_quotes(b, motion, out, at, i, i + 1);
  }
}

// The quotes of ticks FIRST to END - 1, whatever their prices are; nothing where the session has none.
void SessionPath::make_quotes(std::uint32_t b, const BlockMotion& motion, TickColumns& out, std::size_t at,
                              std::uint32_t first, std::uint32_t end) const {
  if (!spec_.quotes) return;
  for (std::uint32_t i = first; i < end; ++i) {
    const Quote quote = quotes_.around(out.price[at + i], QuoteMaker::at_ask(motion.more_word[i]),
                                       quotes_.spread(time_at(b, motion, i)));
    out.bid[at + i] = quote.bid;
    out.ask[at + i] = quote.ask;
  }
}

void SessionPath::make_sizes(std::uint32_t b, const BlockMotion& motion, std::int64_t* size) const {
  const std::uint32_t n = spec_.block_size(b);
  const std::int64_t volume = block_volume_[b + 1] - block_volume_[b];
  if (volume == 0) {
    std::fill_n(size, n, 0);
    return;
  }
  const double part = static_cast<double>(n) / spec_.ticks;
  const double start = static_cast<double>(b) * kBlockTicks / spec_.ticks;
  std::array<double, kBlockTicks> weight{};
  double total = 0.0;
  for (std::uint32_t i = 0; i < n; ++i)
    weight[i] = volume_profile(spec_, start + motion.share[i] * part) * size_factor(motion.size_word[i]);
  for (std::uint32_t i = 0; i < n; ++i) weight[i] = total += weight[i];
  std::int64_t before = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::int64_t upto = volume_before(volume, weight[i] / total);
    size[i] = upto - before;
    before = upto;
  }
}

std::uint32_t SessionPath::make_block(std::uint32_t b, BlockMotion& motion, TickColumns& out, std::size_t at) const {
  motion.move_to(spec_, b);
  const std::uint32_t n = spec_.block_size(b);
  const SessionClock clock = spec_.clock();
  const double* const arrival = motion.arrival();
  std::int64_t* const time = out.time.data() + at;
  for (std::uint32_t i = 0; i < n; ++i) time[i] = tick_time(clock, b, n, i, arrival[i]);
  clock.to_utc(time, n);
  make_sizes(b, motion, out.size.data() + at);
  make_prices(b, motion, out, at);
  return n;
}

}  // namespace stack::market
