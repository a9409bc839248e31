// Parquet's encodings of values, as pages hold them.
// (https://parquet.apache.org/docs/file-format/data-pages/encodings/) Thread-safety: free functions. Cannot fail.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace stack::lake {

// Runs of equal values below 2^BIT_WIDTH: RLE of the RLE/bit-packing hybrid, without a length or a width in front.
void append_runs(std::string& out, std::span<const std::uint32_t> values, unsigned bit_width);

// DELTA_BINARY_PACKED, blocks of 128. The values' range may be anything: differences wrap as readers expect.
void append_deltas(std::string& out, std::span<const std::int64_t> values);

// Bits that tell N values apart; at least 1.
[[nodiscard]] unsigned bits_for(std::size_t n);

}  // namespace stack::lake
