#include "lake/bloom_filter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "lake/thrift_compact.hpp"

namespace stack::lake {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;

template <class T>
T take(std::string_view& bytes) {
  T value{};
  std::memcpy(&value, std::to_address(bytes.begin()), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

std::uint64_t round_of(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

// The bit of each word that a hash's lower half sets.
std::array<std::uint32_t, 8> mask_of(std::uint64_t hash) {
  constexpr std::array<std::uint32_t, 8> salt{0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                              0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
  std::array<std::uint32_t, 8> mask{};
  const auto key = static_cast<std::uint32_t>(hash);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = 1U << ((key * salt[i]) >> 27U);
  return mask;
}

}  // namespace

std::uint64_t xxh64(std::string_view bytes) {
  const std::uint64_t size = bytes.size();
  std::uint64_t hash = kPrime5;
  if (bytes.size() >= 32) {
    std::array<std::uint64_t, 4> lanes{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
    while (bytes.size() >= 32)
      for (auto& lane : lanes) lane = round_of(lane, take<std::uint64_t>(bytes));
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const auto lane : lanes) hash = (hash ^ round_of(0, lane)) * kPrime1 + kPrime4;
  }
  hash += size;
  while (bytes.size() >= 8) hash = std::rotl(hash ^ round_of(0, take<std::uint64_t>(bytes)), 27) * kPrime1 + kPrime4;
  if (bytes.size() >= 4) hash = std::rotl(hash ^ (take<std::uint32_t>(bytes) * kPrime1), 23) * kPrime2 + kPrime3;
  while (!bytes.empty()) hash = std::rotl(hash ^ (take<std::uint8_t>(bytes) * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33U)) * kPrime2;
  hash = (hash ^ (hash >> 29U)) * kPrime3;
  return hash ^ (hash >> 32U);
}

// 10.5 bits a value leave one in a hundred.
BloomFilter::BloomFilter(std::size_t distinct) : blocks_(std::bit_ceil(std::max<std::size_t>(distinct / 24 + 1, 1))) {}

std::size_t BloomFilter::block_of(std::uint64_t hash) const { return ((hash >> 32U) * blocks_.size()) >> 32U; }

void BloomFilter::add(std::string_view value) {
  const std::uint64_t hash = xxh64(value);
  const auto mask = mask_of(hash);
  Block& block = blocks_[block_of(hash)];
  for (std::size_t i = 0; i < mask.size(); ++i) block[i] |= mask[i];
}

bool BloomFilter::may_hold(std::string_view value) const {
  const std::uint64_t hash = xxh64(value);
  const auto mask = mask_of(hash);
  const Block& block = blocks_[block_of(hash)];
  for (std::size_t i = 0; i < mask.size(); ++i)
    if ((block[i] & mask[i]) == 0) return false;
  return true;
}

std::string BloomFilter::bytes() const {
  std::string out;
  ThriftCompact header(out);
  header.i32(1, static_cast<std::int64_t>(blocks_.size() * sizeof(Block)));
  for (const int field : {2, 3, 4}) {  // algorithm: split block; hash: XXH64; compression: none
    header.begin(field);
    header.empty(1);
    header.end();
  }
  header.end();
  out.append(reinterpret_cast<const char*>(blocks_.data()), blocks_.size() * sizeof(Block));  // NOLINT: little-endian
  return out;
}

}  // namespace stack::lake
