#include "market/session_shape.hpp"

#include <algorithm>
#include <cmath>

#include "market/quotes.hpp"

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

// A trade stays on its side of the quote, and the quote as wide as it was in steps of the grid.
void ShapedSession::change_prices(TickColumns& columns, const Run& run, const SessionSpec& spec,
                                  int price_scale) const {
  const PriceGrid& grid = *spec.grid;
  const auto unit = static_cast<double>(pow10_int(price_scale));
  const std::int64_t printed_factor = pow10_int(price_scale - grid.scale());
  const QuoteMaker quotes(grid, price_scale, printed_factor, 0.0);
  const auto steps = [&](std::int64_t price, double level) {
    return static_cast<std::int64_t>(std::floor(grid.steps(static_cast<double>(price) / unit * level) + 0.5));
  };
  for (std::size_t i = run.begin; i < run.begin + run.count; ++i) {
    const double level = level_at(columns.time[i]);
    if (level == 1.0) continue;
    const std::int64_t was = columns.price[i];
    const std::int64_t k = std::max<std::int64_t>(1, steps(was, level));
    columns.price[i] = grid.printed(k) * printed_factor;
    if (!spec.quotes) continue;
    const std::int64_t spread = std::max<std::int64_t>(1, steps(columns.ask[i], 1.0) - steps(columns.bid[i], 1.0));
    const Quote quote = quotes.around(columns.price[i], k, was == columns.ask[i], spread);
    columns.bid[i] = quote.bid;
    columns.ask[i] = quote.ask;
  }
}

void ShapedSession::change(TickColumns& columns, const Run& run, const SessionSpec& spec, int price_scale) const {
  if (!shape_.dips.empty()) change_prices(columns, run, spec, price_scale);
  for (const SizeSurge& surge : shape_.surges) {
    for (std::size_t i = run.begin; i < run.begin + run.count; ++i)
      if (columns.time[i] >= surge.span.begin && columns.time[i] < surge.span.end)
        columns.size[i] = scaled_size(columns.size[i], surge.factor);
  }
  for (const Auction& auction : auctions_) {
    if (auction.tick < run.first || auction.tick - run.first >= run.count) continue;
    std::int64_t& size = columns.size[run.begin + (auction.tick - run.first)];
    size = scaled_size(size, auction.factor);
  }
}

std::size_t ShapedSession::drop(TickColumns& columns, const Run& run, bool quotes) const {
  if (dropped_.empty()) return run.count;
  std::size_t to = run.begin;
  auto range = dropped_.begin();
  for (std::size_t i = 0; i < run.count; ++i) {
    const auto tick = run.first + static_cast<std::uint32_t>(i);
    while (range != dropped_.end() && range->end <= tick) ++range;
    if (range != dropped_.end() && range->begin <= tick) continue;
    const std::size_t from = run.begin + i;
    columns.time[to] = columns.time[from];
    columns.price[to] = columns.price[from];
    columns.size[to] = columns.size[from];
    if (quotes) {
      columns.bid[to] = columns.bid[from];
      columns.ask[to] = columns.ask[from];
    }
    ++to;
  }
  return to - run.begin;
}

}  // namespace stack::market
