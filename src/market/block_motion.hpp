// The random part of one block of a session's ticks: when they come and how a free price moves over them.
// Thread-safety: one thread's scratch, kept from one block to the next. Never fails.
#pragma once

#include <array>
#include <cstdint>

#include "market/philox.hpp"
#include "market/session_spec.hpp"

namespace stack::market {

// Business time is even: one tick's gap is a standard exponential number (uniform arrivals: one), and blocks are equal
// parts of the session. A self-exciting process's business time is its compensator, whose gaps are just such numbers
// (Papangelou 1972), so that variance and volume follow its bursts.
struct BlockMotion {
  std::uint64_t key = 0;
  std::uint32_t block = UINT32_MAX;
  std::uint32_t ticks = 0;
  Arrivals arrivals = Arrivals::poisson;
  std::array<std::uint32_t, kBlockTicks> time_word{}, move_word{}, size_word{}, more_word{};
  std::array<double, kBlockTicks> share{};  // business time within the block, 0 to 1
  std::array<double, kBlockTicks>
      burst{};                             // hawkes: the same by the process's own clock, on which ticks come in bursts
  std::array<double, kBlockTicks> walk{};  // free Brownian motion within the block, variance = share of the session

  // Makes block B of SPEC unless it is there already.
  void move_to(const SessionSpec& spec, std::uint32_t b);
  // When ticks come within the block, 0 to 1.
  [[nodiscard]] const double* arrival() const { return arrivals == Arrivals::hawkes ? burst.data() : share.data(); }

 private:
  double wait_evenly(std::uint32_t n);
  double wait_exponentially(std::uint32_t n, const Words4& tail);
  double wait_excited(std::uint32_t n, const Words4& tail);
};

// Self-exciting arrivals (Hawkes 1971, exponential kernel), in units of the mean gap: intensity = baseline + excess;
// each tick adds branching * decay to the excess, which decays exponentially. Two ticks in three come of others before
// them: between what Filimonov and Sornette (2012, Phys. Rev. E 85, 056108) find in the E-mini of 1998 (0.3) and of
// 2010 (0.7 and more). The decay is a choice: excitement lasts a third of the mean gap, so that bursts show in counts
// over a few ticks already.
struct SelfExcitement {
  static constexpr double kBranching = 0.65;
  static constexpr double kDecay = 3.0;
  static constexpr double kBaseline = 1.0 - kBranching;
};

}  // namespace stack::market
