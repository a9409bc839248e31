// Sixteen bytes looked at together: each question is answered by one bit a byte, the first byte's lowest. SSE2, which
// every x86-64 has, or the same by arithmetic on two words.
// Thread-safety: values. Never fails; sixteen bytes must be readable where a block is taken.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace stack::catalog {

static_assert(std::endian::native == std::endian::little, "words are read with their first byte lowest");

inline constexpr std::uint64_t kEachByte = 0x0101010101010101ULL;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

inline std::uint64_t eight_bytes(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

class WordBlock {
 public:
  static constexpr std::size_t kBytes = 16;

  explicit WordBlock(const char* at) : words_{eight_bytes(at), eight_bytes(at + 8)} {}

  [[nodiscard]] std::uint32_t equal(char c) const {
    return marked([pattern = kEachByte * static_cast<unsigned char>(c)](std::uint64_t word) {
      return zero_bytes(word ^ pattern);
    });
  }
  [[nodiscard]] std::uint32_t equal(const WordBlock& other) const {
    return bits(zero_bytes(words_[0] ^ other.words_[0])) | bits(zero_bytes(words_[1] ^ other.words_[1])) << 8;
  }
  // Below a space.
  [[nodiscard]] std::uint32_t controls() const {
    return marked([](std::uint64_t word) { return below(word, 0x20); });
  }
  [[nodiscard]] std::uint32_t digits() const {
    return marked([](std::uint64_t word) { return below(word ^ (kEachByte * '0'), 10); });
  }
  [[nodiscard]] std::uint32_t beyond_ascii() const {
    return marked([](std::uint64_t word) { return word & kHighBits; });
  }

 private:
  // Marks are the highest bits of bytes. No carry leaves a byte: 0x7F and what is added are below 0x100.
  static std::uint64_t zero_bytes(std::uint64_t word) {
    return ~(((word & ~kHighBits) + ~kHighBits) | word) & kHighBits;
  }
  static std::uint64_t below(std::uint64_t word, std::uint64_t limit) {
    return ~(((word & ~kHighBits) + kEachByte * (0x80 - limit)) | word) & kHighBits;
  }
  static std::uint32_t bits(std::uint64_t marks) {
    return static_cast<std::uint32_t>(((marks >> 7) * 0x0102040810204080ULL) >> 56);
  }
  template <class Mark>
  [[nodiscard]] std::uint32_t marked(Mark mark) const {
    return bits(mark(words_[0])) | bits(mark(words_[1])) << 8;
  }

  std::array<std::uint64_t, 2> words_;
};

#if defined(__SSE2__)
class SseBlock {
 public:
  static constexpr std::size_t kBytes = 16;

  explicit SseBlock(const char* at) : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) {}

  [[nodiscard]] std::uint32_t equal(char c) const { return bits(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c))); }
  [[nodiscard]] std::uint32_t equal(const SseBlock& other) const { return bits(_mm_cmpeq_epi8(bytes_, other.bytes_)); }
  [[nodiscard]] std::uint32_t controls() const { return bits(at_most(bytes_, 0x1F)); }
  [[nodiscard]] std::uint32_t digits() const { return bits(at_most(_mm_sub_epi8(bytes_, _mm_set1_epi8('0')), 9)); }
  [[nodiscard]] std::uint32_t beyond_ascii() const { return bits(bytes_); }

 private:
  static __m128i at_most(__m128i bytes, char limit) {
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(limit)), bytes);
  }
  static std::uint32_t bits(__m128i marks) { return static_cast<std::uint32_t>(_mm_movemask_epi8(marks)); }

  __m128i bytes_;
};
using ByteBlock = SseBlock;
#else
using ByteBlock = WordBlock;
#endif

}  // namespace stack::catalog
