// Philox4x32-10 (Salmon et al., SC 2011): random words as a function of (key, counter), so that any part of a feed can
// be made on its own, in any order, by any thread.
// Thread-safety: pure. Never fails.
#pragma once

#include <array>
#include <cstdint>

namespace stack::market {

// Streams of one session's key: what a word is for.
enum class Stream : std::uint32_t { tick = 0, block = 1, extremes = 2, sample = 3, model = 4 };

using Words4 = std::array<std::uint32_t, 4>;

[[nodiscard]] constexpr Words4 philox(std::uint64_t key, Stream stream, std::uint64_t index) {
  Words4 c{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
           static_cast<std::uint32_t>(stream), 0};
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  return c;
}

// The words of the counters FIRST .. FIRST + COUNT - 1, each in its own array of at least COUNT.
void philox_fill(std::uint64_t key, Stream stream, std::uint64_t first, std::size_t count, std::uint32_t* word0,
                 std::uint32_t* word1, std::uint32_t* word2, std::uint32_t* word3);

// A word as a number in (0, 1).
[[nodiscard]] constexpr double unit_interval(std::uint32_t word) {
  return (static_cast<double>(word) + 0.5) * (1.0 / 4294967296.0);
}

}  // namespace stack::market
