// The keys that the objects of one place are known to have, numbered as they came first. The key at a place of a text
// is recognised by comparing it with the one that came next the last time, or, where that is often wrong, by a look
// into a hash table, which takes no guesses.
// Keys are compared as they stand in the text, so one that can only be written with escapes is not taken in.
// Thread-safety: one thread at a time. Never fails. Texts are as json_scan has them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/byte_block.hpp"

namespace stack::catalog {

class KeySequence {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;

  // The number of the key, new or known; kNone if it cannot stand for itself.
  std::size_t add(std::string_view name);

  struct Taken {
    const char* end = nullptr;  // behind the key
    std::size_t number = kNone;
  };
  // The key that stands AT, if it is known. PLACE is 0 at an object's beginning, else the number of the key before + 1.
  [[nodiscard]] Taken take(const char* at, std::size_t place) {
    if (misses_ < kOftenMissed && !keys_.empty()) {
      const std::size_t expected = next_[place];
      const Key& key = keys_[expected];
      if (stands(key, at)) {
        misses_ -= misses_ / kRemembered;
        return {at + key.size, expected};
      }
    }
    return search(at, place);
  }

 private:
  struct Key {
    std::array<char, ByteBlock::kBytes> head{};  // the first bytes, in quotes
    std::uint32_t behind = 0;                    // the bits of the head's bytes that are behind the key
    std::uint32_t size = 0;                      // with both quotes
    std::string rest;                            // behind the head
  };
  // Hits and misses, of which the last ones count most: about kMiss * kRemembered if every one is a miss.
  static constexpr std::uint32_t kRemembered = 16;
  static constexpr std::uint32_t kMiss = 256;
  static constexpr std::uint32_t kOftenMissed = kMiss * kRemembered / 4;
  static constexpr std::size_t kProbes = 4;

  [[nodiscard]] static bool head_stands(const Key& key, const char* at) {
    return (ByteBlock(at).equal(ByteBlock(key.head.data())) | key.behind) == 0xFFFF;
  }
  [[nodiscard]] static bool stands(const Key& key, const char* at) {
    return head_stands(key, at) && (key.rest.empty() || rest_stands(key, at));
  }
  [[nodiscard]] static bool rest_stands(const Key& key, const char* at);
  Taken search(const char* at, std::size_t place);
  Taken search_further(const char* at, std::size_t place);
  Taken found(const char* end, std::size_t number, std::size_t place);
  // Where the search for a name begins. SIZE bytes and, of short ones, as many as a block has are readable.
  [[nodiscard]] std::size_t slot(const char* name, std::size_t size) const;
  void place_in_slots(std::string_view name, std::size_t number);

  std::vector<Key> keys_;
  std::vector<std::uint32_t> next_{0};  // by place: the key that came next the last time
  std::uint32_t misses_ = 0;
  std::vector<std::uint32_t> slots_{0, 0};  // a power of two of them: a key's number + 1, or 0
  int slot_shift_ = 63;                     // leaves of a hash as many bits as number them
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> numbers_;  // of all, by name
};

}  // namespace stack::catalog
