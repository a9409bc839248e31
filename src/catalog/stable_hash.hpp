// A hash that is the same in every build and run: FNV-1a, 64 bits. Not for what an adversary chooses.
// Thread-safety: a free function. Never fails.
#pragma once

#include <cstdint>
#include <string_view>

namespace stack::catalog {

inline constexpr std::uint64_t kStableHashSeed = 0xcbf29ce484222325U;

// SEED: the hash of what goes before TEXT.
[[nodiscard]] constexpr std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = kStableHashSeed) {
  for (const char c : text) {
    seed ^= static_cast<unsigned char>(c);
    seed *= 0x100000001b3U;
  }
  return seed;
}

}  // namespace stack::catalog
