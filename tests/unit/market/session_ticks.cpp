#include "session_ticks.hpp"

#include <memory>

namespace stack::market::test {

Ticks all_ticks(const SessionSpec& spec) {
  const auto motion = std::make_unique<BlockMotion>();
  SessionPath path;
  path.prepare(spec, *motion);
  TickColumns columns;
  columns.reserve(spec.ticks + kBlockTicks);
  std::size_t count = 0;
  for (std::uint32_t b = 0; b < path.block_count(); ++b) count += path.make_block(b, *motion, columns, count);
  const auto cut = [&](std::vector<std::int64_t>& column) {
    column.resize(count);
    return column;
  };
  return {cut(columns.time), cut(columns.price), cut(columns.size),
          cut(columns.bid),  cut(columns.ask),   path.price_scale()};
}

Bar plain_bar(int day) {
  Bar bar;
  bar.scale = 2;
  bar.day = day;
  const std::int64_t turn = day;
  bar.low = 1'000'000 + turn % 100 * 1000;
  bar.high = bar.low + 14'000 + turn % 7 * 500;
  bar.open = bar.low + 4'000 + turn % 11 * 300;
  bar.close = bar.high - 3'000 - turn % 13 * 300;
  bar.volume = 1'000'000'000;
  return bar;
}

rc::Gen<Bar> any_bar() {
  return rc::gen::exec([] {
    Bar bar;
    bar.scale = static_cast<std::int8_t>(*rc::gen::element(0, 1, 2, 6));
    const auto width = *rc::gen::element<std::int64_t>(0, 1, 2, 10, 1000, 1'000'000);
    bar.low = *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1, 20), rc::gen::inRange<std::int64_t>(1, 2'000'000'000));
    bar.high = bar.low + *rc::gen::inRange<std::int64_t>(0, width + 1);
    const auto inside = [&] {
      return *rc::gen::oneOf(rc::gen::just(bar.low), rc::gen::just(bar.high),
                             rc::gen::inRange<std::int64_t>(bar.low, bar.high + 1));
    };
    bar.open = inside();
    bar.close = inside();
    bar.volume = *rc::gen::oneOf(rc::gen::just<std::int64_t>(0), rc::gen::inRange<std::int64_t>(0, 5000),
                                 rc::gen::inRange<std::int64_t>(0, INT64_MAX));
    bar.day = *rc::gen::inRange(-2000, 20000);
    return bar;
  });
}

SessionSpec any_spec(const Bar& bar, const PriceGrid& grid, std::vector<Pause>& pauses) {
  SessionSpec spec;
  spec.bar = &bar;
  spec.grid = &grid;
  const std::int64_t open = (std::int64_t{bar.day} * 1440 + *rc::gen::inRange(0, 600)) * kMinute;
  const bool lunch = *rc::gen::arbitrary<bool>();
  spec.window = lunch ? SessionWindow{open, open + 330 * kMinute, open + 120 * kMinute, open + 210 * kMinute}
                      : SessionWindow{open, open + 390 * kMinute, open + 390 * kMinute, open + 390 * kMinute};
  spec.key = session_key(*rc::gen::arbitrary<std::uint64_t>(), symbol_hash("A"), bar.day);
  spec.ticks = *rc::gen::oneOf(rc::gen::inRange(4U, 12U), rc::gen::just(390U), rc::gen::inRange(1000U, 5000U));
  spec.arrivals = *rc::gen::element(Arrivals::uniform, Arrivals::poisson, Arrivals::hawkes);
  pauses.clear();
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
    const auto begin = open + *rc::gen::inRange<std::int64_t>(-5 * kMinute, 390 * kMinute);
    pauses.push_back({begin, begin + *rc::gen::inRange<std::int64_t>(-1, 60 * kMinute)});
  }
  spec.pauses = pauses;
  return spec;
}

}  // namespace stack::market::test
