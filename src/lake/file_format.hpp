// The terms under which events are written: file format, compression, partitioning.
// Thread-safety: values. Parsing returns std::nullopt for a name that is none of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace stack::lake {

enum class FileFormat : std::uint8_t { ndjson, parquet };
enum class Compression : std::uint8_t { none, gzip, zstd };  // of NDJSON files; of the pages within Parquet
enum class PartitionBy : std::uint8_t { day, month, year, none };

[[nodiscard]] std::string_view name_of(FileFormat format);
[[nodiscard]] std::string_view name_of(Compression compression);
[[nodiscard]] std::string_view name_of(PartitionBy partition_by);
[[nodiscard]] std::optional<FileFormat> parse_file_format(std::string_view name);
[[nodiscard]] std::optional<Compression> parse_compression(std::string_view name);
[[nodiscard]] std::optional<PartitionBy> parse_partition_by(std::string_view name);

// How much of "YYYY-MM-DD" is the dt: 10, 7, 4 or 0 characters.
[[nodiscard]] constexpr std::size_t dt_length(PartitionBy partition_by) {
  switch (partition_by) {
    case PartitionBy::day:
      return 10;
    case PartitionBy::month:
      return 7;
    case PartitionBy::year:
      return 4;
    case PartitionBy::none:
      break;
  }
  return 0;
}

// "ndjson", "ndjson.gz", "ndjson.zst" or "parquet".
[[nodiscard]] std::string_view file_extension(FileFormat format, Compression compression);

}  // namespace stack::lake
