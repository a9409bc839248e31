#include "market/block_motion.hpp"

#include <cmath>

#include "market/exact_math.hpp"
#include "market/philox.hpp"

namespace stack::market {
namespace {

// One tick after the other of a self-exciting process by Dassios and Zhao's exact simulation (2013, algorithm 3.1): the
// next tick is the first of one that the excess brings, which may never come, and one that the baseline brings.
class ExcitedProcess {
 public:
  struct Step {
    double gap;          // on the process's clock
    double compensator;  // the intensity's integral over it
  };

  // BY_EXCESS, BY_BASELINE: standard exponential.
  Step next(double by_excess, double by_baseline) {
    using E = SelfExcitement;
    const double decayed = std::max(1.0 - E::kDecay * by_excess / excess_,  // exp(-decay * gap) of the first one
                                    exp_(-(E::kDecay / E::kBaseline) * by_baseline));
    const double gap = std::max(log_(decayed) * (-1.0 / E::kDecay), 0.0);
    const Step step{gap, E::kBaseline * gap + excess_ * (1.0 - decayed) * (1.0 / E::kDecay)};
    excess_ = excess_ * decayed + E::kBranching * E::kDecay;
    return step;
  }

 private:
  const LogTable& log_ = LogTable::instance();
  const ExpTable& exp_ = ExpTable::instance();
  double excess_ = SelfExcitement::kBranching;  // its mean over time
};

}  // namespace

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

double BlockMotion::wait_excited(std::uint32_t n, const Words4& tail) {
  static const QuantileTable& exponential = QuantileTable::standard_exponential();
  static const QuantileTable& normal = QuantileTable::standard_normal();
  ExcitedProcess process;
  double total = 0.0;
  double clock = 0.0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto step = process.next(exponential(time_word[i]), exponential(more_word[i]));
    walk[i] = std::sqrt(step.compensator) * normal(move_word[i]);
    total += step.compensator;
    clock += step.gap;
    share[i] = total;
    burst[i] = clock;
  }
  const auto last = process.next(exponential(tail[0]), exponential(tail[1]));
  const double by_clock = 1.0 / (clock + last.gap);
  for (std::uint32_t i = 0; i < n; ++i) burst[i] = std::min(burst[i] * by_clock, 1.0);
  return total + last.compensator;
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
