// Parquet's split block Bloom filter with XXH64. (https://parquet.apache.org/docs/file-format/bloomfilter/)
// Thread-safety: one thread at a time. Cannot fail.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stack::lake {

// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, seed 0
[[nodiscard]] std::uint64_t xxh64(std::string_view bytes);

class BloomFilter {
 public:
  // For about DISTINCT values, one in a hundred others passes.
  explicit BloomFilter(std::size_t distinct);

  void add(std::string_view value);
  [[nodiscard]] bool may_hold(std::string_view value) const;
  // Header and bits, as a file has them.
  [[nodiscard]] std::string bytes() const;

 private:
  using Block = std::array<std::uint32_t, 8>;
  [[nodiscard]] std::size_t block_of(std::uint64_t hash) const;

  std::vector<Block> blocks_;
};

}  // namespace stack::lake
