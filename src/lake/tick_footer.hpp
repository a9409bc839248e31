// The footer of a Parquet file of ticks: its schema, and what a reader has to know of its row groups and their columns'
// chunks. (https://parquet.apache.org/docs/file-format/metadata)
// Thread-safety: values and a free function. Never fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lake/column.hpp"
#include "lake/file_format.hpp"

namespace stack::lake {
namespace parquet {

// Numbers of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
enum PhysicalType : std::uint8_t { kInt32 = 1, kInt64 = 2, kDouble = 5, kByteArray = 6 };
enum ConvertedType : std::uint8_t { kUtf8 = 0, kDate = 6, kTimestampMicros = 10, kInt64Signed = 18 };
enum Encoding : std::uint8_t { kPlain = 0, kRle = 3, kDeltas = 5, kDictionary = 8 };
enum PageType : std::uint8_t { kDataPage = 0, kDictionaryPage = 2 };

struct Chunk {
  std::size_t column = 0;
  std::size_t rows = 0;
  std::size_t nulls = 0;
  std::int64_t first_page = 0;
  std::optional<std::int64_t> dictionary_page{};
  std::int64_t data_page = 0;
  std::int64_t plain_bytes = 0;   // pages and their headers before compression
  std::int64_t stored_bytes = 0;  // and as they are
  Encoding encoding = kPlain;
  std::int32_t data_pages = 0;
  std::optional<std::string> least{};
  std::optional<std::string> greatest{};
  std::string bloom{};
  std::int64_t bloom_offset = 0;
};

struct Group {
  std::size_t rows = 0;
  std::vector<Chunk> chunks{};
};

}  // namespace parquet

// Without its length. GROUPS: one chunk a column of COLUMNS, in their order.
void append_tick_footer(std::string& out, const std::vector<Column>& columns, std::size_t rows,
                        const std::vector<parquet::Group>& groups, Compression compression);

}  // namespace stack::lake
