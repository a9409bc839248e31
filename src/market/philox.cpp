#include "market/philox.hpp"

#include <algorithm>
#include <cstring>

namespace stack::market {
namespace {

constexpr std::size_t kLanes = 32;  // more than compilers unroll: an unrolled loop they would not turn into vectors

inline void put_lanes(const std::uint32_t (&lane)[kLanes], std::size_t n, std::uint32_t* out) {
  if (n == kLanes)
    std::memcpy(out, lane, sizeof(lane));
  else
    std::memcpy(out, lane, n * sizeof(lane[0]));
}

}  // namespace

// Lane by lane the same as philox(), written so that the compiler can use the processor's vectors; integers only, so
// every variant gives the same words.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#endif
void philox_fill(std::uint64_t key, Stream stream, std::uint64_t first, std::size_t count, std::uint32_t* word0,
                 std::uint32_t* word1, std::uint32_t* word2, std::uint32_t* word3) {
  for (std::size_t base = 0; base < count; base += kLanes) {
    std::uint32_t c0[kLanes];
    std::uint32_t c1[kLanes];
    std::uint32_t c2[kLanes];
    std::uint32_t c3[kLanes];
    for (std::size_t l = 0; l < kLanes; ++l) {
      const std::uint64_t index = first + base + l;
      c0[l] = static_cast<std::uint32_t>(index);
      c1[l] = static_cast<std::uint32_t>(index >> 32);
      c2[l] = static_cast<std::uint32_t>(stream);
      c3[l] = 0;
    }
    auto k0 = static_cast<std::uint32_t>(key);
    auto k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      for (std::size_t l = 0; l < kLanes; ++l) {
        const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * c0[l];
        const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * c2[l];
        c0[l] = static_cast<std::uint32_t>(p1 >> 32) ^ c1[l] ^ k0;
        c1[l] = static_cast<std::uint32_t>(p1);
        c2[l] = static_cast<std::uint32_t>(p0 >> 32) ^ c3[l] ^ k1;
        c3[l] = static_cast<std::uint32_t>(p0);
      }
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
    }
    const std::size_t n = std::min(kLanes, count - base);
    put_lanes(c0, n, word0 + base);
    put_lanes(c1, n, word1 + base);
    put_lanes(c2, n, word2 + base);
    put_lanes(c3, n, word3 + base);
  }
}

}  // namespace stack::market
