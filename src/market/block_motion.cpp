#include "market/block_motion.hpp"

#include <cmath>

#include "market/exact_math.hpp"
#include "market/philox.hpp"

namespace stack::market {
// Each of the three fills share (and burst) with sums of gaps, walk with steps, and returns the block's length.
double BlockMotion::wait_evenly(std::uint32_t n) {
  static const QuantileTable& normal = QuantileTable::standard_normal();
  for (std::uint32_t i = 0; i < n; ++i) {
    share[i] = i + 0.5;
    walk[i] = normal(move_word[i]);
  }
  walk[0] *= std::sqrt(0.5);
  return n;
}

double BlockMotion::wait_exponentially(std::uint32_t n, const Words4& tail) {
  static const QuantileTable& exponential = QuantileTable::standard_exponential();
  static const QuantileTable& normal = QuantileTable::standard_normal();
  double total = 0.0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const double gap = exponential(time_word[i]);
    walk[i] = std::sqrt(gap) * normal(move_word[i]);
    total += gap;
    share[i] = total;
  }
  return total + exponential(tail[0]);  // from the last tick to the block's end
}

// Dassios and Zhao's exact simulation (2013, algorithm 3.1): the next tick is the first of one that the excess brings,
// which may never come, and one that the baseline brings. What the excess decays to until either needs no logarithm;
// the gap is the logarithm of how far it decayed, and the compensator what baseline and excess bring in the gap.
double BlockMotion::wait_excited(std::uint32_t n, const Words4& tail) {
  using E = SelfExcitement;
  static const QuantileTable& exponential = QuantileTable::standard_exponential();
  static const QuantileTable& normal = QuantileTable::standard_normal();
  static const QuantileTable decayed = QuantileTable::decayed_exponential(E::kDecay / E::kBaseline);
  std::array<double, kBlockTicks + 1> spent{};  // of the excess in each gap; one more: to the block's end
  std::array<double, kBlockTicks + 1> log_kept{};
  double excess = E::kBranching;  // its mean over time
  const auto wait = [&](std::size_t i, std::uint32_t by_excess, std::uint32_t by_baseline) {
    const double left = std::max(excess - E::kDecay * exponential(by_excess), excess * decayed(by_baseline));
    spent[i] = excess - left;
    log_kept[i] = left / excess;
    excess = left + E::kBranching * E::kDecay;
  };
  for (std::uint32_t i = 0; i < n; ++i) wait(i, time_word[i], more_word[i]);
  wait(n, tail[0], tail[1]);
  exact_logs(log_kept.data(), n + std::size_t{1}, log_kept.data());

  const auto gap = [&](std::size_t i) { return log_kept[i] * (-1.0 / E::kDecay); };
  const auto compensator = [&](std::size_t i) { return E::kBaseline * gap(i) + spent[i] * (1.0 / E::kDecay); };
  double total = 0.0;
  double clock = 0.0;
  for (std::uint32_t i = 0; i < n; ++i) {
    walk[i] = std::sqrt(compensator(i)) * normal(move_word[i]);
    share[i] = total += compensator(i);
    burst[i] = clock += gap(i);
  }
  const double by_clock = 1.0 / (clock + gap(n));
  for (std::uint32_t i = 0; i < n; ++i) burst[i] = std::min(burst[i] * by_clock, 1.0);
  return total + compensator(n);
}

void BlockMotion::move_to(const SessionSpec& spec, std::uint32_t b) {
  if (key == spec.key && block == b && ticks == spec.ticks && arrivals == spec.arrivals) return;
  key = spec.key;
  block = b;
  ticks = spec.ticks;
  arrivals = spec.arrivals;
  const std::uint32_t n = spec.block_size(b);
  philox_fill(key, Stream::tick, std::uint64_t{b} * kBlockTicks, n, time_word.data(), move_word.data(),
              size_word.data(), more_word.data());
  const Words4 tail = philox(key, Stream::block, (std::uint64_t{b} << 1) | 1);
  const double total = arrivals == Arrivals::hawkes    ? wait_excited(n, tail)
                       : arrivals == Arrivals::uniform ? wait_evenly(n)
                                                       : wait_exponentially(n, tail);
  const double by_total = 1.0 / total;
  const double part = static_cast<double>(n) / ticks;  // of the session's time
  const double by_deviation = std::sqrt(part * by_total);
  double sum = 0.0;
  for (std::uint32_t i = 0; i < n; ++i) {
    share[i] *= by_total;
    sum += walk[i] * by_deviation;
    walk[i] = sum;
  }
}

}  // namespace stack::market
