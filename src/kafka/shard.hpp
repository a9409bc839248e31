// Which part of a feed's symbols a producer sends: several on several machines share one feed. Symbols go round in
// order of name, so a symbol's shard depends on the feed alone. Thread-safety: plain values. Failure: parse_shard
// returns nothing for text that is no shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stack::kafka {

inline constexpr std::uint32_t kMostShards = 10'000;

struct Shard {
  std::uint32_t number = 1;  // 1 to COUNT
  std::uint32_t count = 1;   // 1: the whole feed

  // SYMBOL is an index into the feed's symbols in order of name.
  [[nodiscard]] bool has(std::size_t symbol) const { return symbol % count == number - 1; }
  [[nodiscard]] std::string text() const;  // "2/3"
  friend bool operator==(const Shard&, const Shard&) = default;
};

// "i/n" with 1 <= i <= n <= kMostShards, in decimal without leading zeros or signs.
[[nodiscard]] std::optional<Shard> parse_shard(std::string_view text);

}  // namespace stack::kafka
