// A fast 128-bit hash of content, for feed ids: not for secrets, the same on every machine.
// Thread-safety: values. Never fails.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace stack::market {

// The finaliser of splitmix64: every bit of the input reaches every bit of the result.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

class Hash128 {
 public:
  constexpr void add(std::uint64_t word) {
    a_ = mix64(a_ ^ word) + 0x9E3779B97F4A7C15ULL;
    b_ = (b_ ^ word) * 0x9FB21C651E98DF25ULL;
    b_ ^= b_ >> 32;
  }
  constexpr void add(std::string_view text) {
    add(text.size());
    for (std::size_t i = 0; i < text.size(); i += 8) {
      std::uint64_t word = 0;
      for (std::size_t j = 0; j < 8 && i + j < text.size(); ++j)
        word |= std::uint64_t{static_cast<unsigned char>(text[i + j])} << (8 * j);
      add(word);
    }
  }
  [[nodiscard]] constexpr std::array<std::uint64_t, 2> value() const { return {mix64(a_ ^ b_), mix64(b_ + ~a_)}; }

 private:
  std::uint64_t a_ = 0x243F6A8885A308D3ULL;
  std::uint64_t b_ = 0x13198A2E03707344ULL;
};

}  // namespace stack::market
