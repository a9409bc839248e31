#include "market/session_shape.hpp"

#include <algorithm>
#include <cmath>

namespace stack::market {
namespace {

constexpr double kLargestSize = 9e15;

// From 0 to 1 without a kink at either end.
double smooth_step(double x) { return x * x * (3.0 - 2.0 * x); }

double share_of(std::int64_t time, std::int64_t begin, std::int64_t end) {
  return static_cast<double>(time - begin) / static_cast<double>(end - begin);
}

std::int64_t scaled_size(std::int64_t size, double factor) {
  return static_cast<std::int64_t>(std::min(std::floor(static_cast<double>(size) * factor + 0.5), kLargestSize));
}

}  // namespace

double level_of(const PriceDip& dip, std::int64_t time) {
  if (time < dip.begin) return 1.0;
  if (time < dip.bottom) return 1.0 + dip.size * smooth_step(share_of(time, dip.begin, dip.bottom));
  if (time < dip.end) return 1.0 + dip.size * (1.0 - dip.rebound * smooth_step(share_of(time, dip.bottom, dip.end)));
  return 1.0 + dip.size * (1.0 - dip.rebound);
}

ShapedSession::ShapedSession(SessionShape shape, SessionSpec spec, BlockMotion& motion)
    : shape_(std::move(shape)), ticks_(spec.ticks) {
  for (const Halt& halt : shape_.halts) pauses_.push_back(halt.pause);
  spec.pauses = pauses_;
  for (const TimeSpan& span : shape_.dropped) {
    const Ticks ticks{SessionPath::ticks_before(spec, span.begin, motion),
                      SessionPath::ticks_before(spec, span.end, motion)};
    if (ticks.begin == ticks.end) continue;
    if (!dropped_.empty() && ticks.begin <= dropped_.back().end)
      dropped_.back().end = std::max(dropped_.back().end, ticks.end);
    else
      dropped_.push_back(ticks);
  }
  for (const Halt& halt : shape_.halts) {
    const std::uint32_t tick = SessionPath::ticks_before(spec, halt.pause.end, motion);
    if (tick < spec.ticks) auctions_.push_back({tick, halt.auction});
  }
}

std::uint32_t ShapedSession::made_before(std::uint32_t ticks) const {
  std::uint32_t made = ticks;
  for (const Ticks& range : dropped_)
    if (range.begin < ticks) made -= std::min(range.end, ticks) - range.begin;
  return made;
}

double ShapedSession::level_at(std::int64_t time) const {
  double level = 1.0;
  for (const PriceDip& dip : shape_.dips) level *= level_of(dip, time);
  return level;
}

void ShapedSession::change(TickColumns& columns, std::size_t begin, std::size_t count, std::uint32_t first,
                           const PriceGrid& grid, int price_scale) const {
  if (!shape_.dips.empty()) {
    const auto unit = static_cast<double>(pow10_int(price_scale));
    const std::int64_t printed_factor = pow10_int(price_scale - grid.scale());
    for (std::size_t i = begin; i < begin + count; ++i) {
      const double level = level_at(columns.time[i]);
      if (level == 1.0) continue;
      const double steps = grid.steps(static_cast<double>(columns.price[i]) / unit * level);
      const auto k = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(steps + 0.5)));
      columns.price[i] = grid.printed(k) * printed_factor;
    }
  }
  for (const SizeSurge& surge : shape_.surges) {
    for (std::size_t i = begin; i < begin + count; ++i)
      if (columns.time[i] >= surge.span.begin && columns.time[i] < surge.span.end)
        columns.size[i] = scaled_size(columns.size[i], surge.factor);
  }
  for (const Auction& auction : auctions_) {
    if (auction.tick < first || auction.tick - first >= count) continue;
    std::int64_t& size = columns.size[begin + (auction.tick - first)];
    size = scaled_size(size, auction.factor);
  }
}

std::size_t ShapedSession::drop(TickColumns& columns, std::size_t begin, std::size_t count, std::uint32_t first) const {
  if (dropped_.empty()) return count;
  std::size_t kept = 0;
  auto range = dropped_.begin();
  for (std::size_t i = 0; i < count; ++i) {
    const auto tick = first + static_cast<std::uint32_t>(i);
    while (range != dropped_.end() && range->end <= tick) ++range;
    if (range != dropped_.end() && range->begin <= tick) continue;
    columns.time[begin + kept] = columns.time[begin + i];
    columns.price[begin + kept] = columns.price[begin + i];
    columns.size[begin + kept] = columns.size[begin + i];
    ++kept;
  }
  return kept;
}

}  // namespace stack::market
