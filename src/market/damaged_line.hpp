// Damages the text of an event on purpose, to test what is downstream. No result is a row to the lake, whatever the
// form: records that were damaged are dead letters, each of them.
// Thread-safety: pure. Never fails.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "market/feed.hpp"
#include "market/feed_shape.hpp"

namespace stack::market {

inline constexpr std::size_t kMostDamage = 32;  // bytes by which a damaged line may be longer

// Writes LINE, without its line end, damaged by one of FORMS that CHANCE chooses to OUT; returns the end.
char* put_damaged(std::string_view line, Encoding encoding, const std::vector<Malformation>& forms,
                  std::uint64_t chance, char* out);

}  // namespace stack::market
