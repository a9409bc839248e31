#include "catalog/key_sequence.hpp"

#include <algorithm>

#include "catalog/json_scan.hpp"

namespace stack::catalog {
namespace {

constexpr std::size_t kBlock = ByteBlock::kBytes;

// By length of a name, up to a block's: what of its first eight bytes and of the next ones belongs to it.
struct Masks {
  std::array<std::uint64_t, kBlock + 1> first{};
  std::array<std::uint64_t, kBlock + 1> second{};
};
constexpr Masks name_masks() {
  Masks masks;
  for (std::size_t size = 1; size <= kBlock; ++size) {
    std::uint64_t& grown = size <= 8 ? masks.first.at(size) : masks.second.at(size);
    masks.first.at(size) = masks.first.at(size - 1);
    masks.second.at(size) = masks.second.at(size - 1);
    grown = grown << 8 | 0xFF;
  }
  return masks;
}
constexpr Masks kMasks = name_masks();

bool stands_for_itself(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && c != '"' && c != '\\';
  });
}

}  // namespace

// Inline: the search is all of the cost where keys come and go.
inline std::size_t KeySequence::slot(const char* name, std::size_t size) const {
  std::uint64_t first = eight_bytes(name);
  std::uint64_t second = 0;
  if (size <= kBlock) {
    first &= kMasks.first[size];
    second = eight_bytes(name + 8) & kMasks.second[size];
  } else {
    second = eight_bytes(name + size - 8);
  }
  const std::uint64_t hash = first * 0x9E3779B97F4A7C15ULL ^ second * 0xC2B2AE3D27D4EB4FULL;
  return ((hash ^ hash >> 32) * 0x9E3779B97F4A7C15ULL) >> slot_shift_;
}

std::size_t KeySequence::add(std::string_view name) {
  if (!stands_for_itself(name)) return kNone;
  const auto [entry, added] = numbers_.try_emplace(std::string(name), keys_.size());
  if (!added) return entry->second;
  std::string quoted = "\"";
  quoted.append(name).append("\"");
  Key key;
  key.size = static_cast<std::uint32_t>(quoted.size());
  const std::size_t in_head = quoted.copy(key.head.data(), kBlock);
  key.behind = 0xFFFFU & (0xFFFFU << in_head);
  key.rest = quoted.substr(in_head);
  keys_.push_back(std::move(key));
  next_[keys_.size() - 1] = static_cast<std::uint32_t>(keys_.size() - 1);
  next_.push_back(0);
  constexpr std::size_t kSlotsPerKey = 8;  // few keys share one, so that the first that is looked at is the right one
  if (slots_.size() < keys_.size() * kSlotsPerKey) {
    slots_.assign(std::bit_ceil(keys_.size() * kSlotsPerKey * 2), 0);
    slot_shift_ = std::countl_zero(slots_.size()) + 1;
    for (const auto& [known, number] : numbers_) place_in_slots(known, number);
  } else {
    place_in_slots(name, entry->second);
  }
  return entry->second;
}

void KeySequence::place_in_slots(std::string_view name, std::size_t number) {
  std::array<char, kBlock> short_name{};
  if (name.size() <= kBlock) name.copy(short_name.data(), kBlock);
  std::size_t at = slot(name.size() <= kBlock ? short_name.data() : name.data(), name.size());
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    if (slots_[at] == 0) {
      slots_[at] = static_cast<std::uint32_t>(number + 1);
      return;
    }
    at = (at + 1) & (slots_.size() - 1);
  }
}

inline KeySequence::Taken KeySequence::found(const char* end, std::size_t number, std::size_t place) {
  std::uint32_t& expected = next_[place];
  misses_ += static_cast<std::uint32_t>(number != expected) * kMiss - misses_ / kRemembered;
  expected = static_cast<std::uint32_t>(number);
  return {end, number};
}

// Most names are shorter than a block and in the first slot. The place behind the key is told by its quote, whichever
// key it is: what follows can be read before that is known.
KeySequence::Taken KeySequence::search(const char* at, std::size_t place) {
  const char* const name = at + 1;
  const std::uint32_t quotes = ByteBlock(name).equal('"');
  if (quotes == 0) return search_further(at, place);
  const auto size = static_cast<std::size_t>(std::countr_zero(quotes));
  const std::size_t number = slots_[slot(name, size)];
  if (number == 0) return {};
  const Key& key = keys_[number - 1];
  if (!head_stands(key, at) || !key.rest.empty()) return search_further(at, place);
  return found(name + size + 1, number - 1, place);
}

KeySequence::Taken KeySequence::search_further(const char* at, std::size_t place) {
  if (*at != '"') return {};
  const char* const name = at + 1;
  const char* const quote = json_scan::closing_quote(name, json_scan::Utf8::valid);  // what is not will not be found
  if (quote == nullptr) return {};
  const auto size = static_cast<std::size_t>(quote - name);
  std::size_t looked = slot(name, size);
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    const std::size_t number = slots_[looked];
    if (number == 0) return {};
    if (stands(keys_[number - 1], at)) return found(quote + 1, number - 1, place);
    looked = (looked + 1) & (slots_.size() - 1);
  }
  const auto known = numbers_.find(std::string_view(name, size));
  return known == numbers_.end() ? Taken{} : found(quote + 1, known->second, place);
}

// A block is only looked at if all before it is the key's, which holds no newline.
bool KeySequence::rest_stands(const Key& key, const char* at) {
  at += kBlock;
  std::string_view rest = key.rest;
  for (; rest.size() >= 8; rest.remove_prefix(8), at += 8) {
    if (eight_bytes(at) != eight_bytes(rest.data())) return false;
  }
  return std::equal(rest.begin(), rest.end(), at);
}

}  // namespace stack::catalog
