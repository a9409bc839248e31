#include "lake/parquet_encoding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "lake/thrift_compact.hpp"

namespace stack::lake {
namespace {

constexpr std::size_t kBlock = 128;
constexpr std::size_t kMiniBlocks = 4;
constexpr std::size_t kMiniBlock = kBlock / kMiniBlocks;

// 32 values, the lowest bits first: 4 times BIT_WIDTH bytes.
void append_packed(std::string& out, const std::uint64_t* values, unsigned bit_width) {
  std::array<std::uint64_t, kMiniBlock + 1> words{};
  std::size_t word = 0;
  unsigned bits = 0;  // that are in words[word]
  for (std::size_t i = 0; i < kMiniBlock; ++i) {
    words[word] |= values[i] << bits;
    bits += bit_width;
    if (bits < 64) continue;
    bits -= 64;
    ++word;
    if (bits > 0) words[word] = values[i] >> (bit_width - bits);
  }
  out.append(reinterpret_cast<const char*>(words.data()), kMiniBlock / 8 * bit_width);  // NOLINT: little-endian
}

}  // namespace

static_assert(std::endian::native == std::endian::little);

unsigned bits_for(std::size_t n) { return std::max(1U, static_cast<unsigned>(std::bit_width(n - (n > 0 ? 1 : 0)))); }

void append_runs(std::string& out, std::span<const std::uint32_t> values, unsigned bit_width) {
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    append_varint(out, (end - i) << 1U);
    for (unsigned bits = 0; bits < bit_width; bits += 8) out.push_back(static_cast<char>(values[i] >> bits));
    i = end;
  }
}

void append_deltas(std::string& out, std::span<const std::int64_t> values) {
  append_varint(out, kBlock);
  append_varint(out, kMiniBlocks);
  append_varint(out, values.size());
  append_varint(out, zigzag(values.empty() ? 0 : values[0]));
  std::array<std::uint64_t, kBlock> deltas{};
  for (std::size_t i = 1; i < values.size(); i += kBlock) {
    const std::size_t n = std::min(kBlock, values.size() - i);
    std::int64_t least = INT64_MAX;
    for (std::size_t j = 0; j < n; ++j) {
      deltas[j] = static_cast<std::uint64_t>(values[i + j]) - static_cast<std::uint64_t>(values[i + j - 1]);
      least = std::min(least, static_cast<std::int64_t>(deltas[j]));
    }
    append_varint(out, zigzag(least));
    std::array<unsigned, kMiniBlocks> widths{};
    for (std::size_t m = 0; m * kMiniBlock < n; ++m) {
      std::uint64_t all = 0;
      for (std::size_t j = m * kMiniBlock; j < (m + 1) * kMiniBlock; ++j) {
        deltas[j] = j < n ? deltas[j] - static_cast<std::uint64_t>(least) : 0;
        all |= deltas[j];
      }
      widths[m] = static_cast<unsigned>(std::bit_width(all));
    }
    for (const unsigned width : widths) out.push_back(static_cast<char>(width));
    for (std::size_t m = 0; m < kMiniBlocks; ++m) append_packed(out, &deltas[m * kMiniBlock], widths[m]);
  }
}

}  // namespace stack::lake
