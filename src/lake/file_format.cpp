#include "lake/file_format.hpp"

#include <array>
#include <cstddef>

namespace stack::lake {
namespace {

constexpr std::array<std::string_view, 2> kFormats{"ndjson", "parquet"};
constexpr std::array<std::string_view, 3> kCompressions{"none", "gzip", "zstd"};
constexpr std::array<std::string_view, 4> kPartitionings{"day", "month", "year", "none"};

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(FileFormat format) { return kFormats.at(static_cast<std::size_t>(format)); }
std::string_view name_of(Compression compression) { return kCompressions.at(static_cast<std::size_t>(compression)); }
std::string_view name_of(PartitionBy partition_by) { return kPartitionings.at(static_cast<std::size_t>(partition_by)); }

std::optional<FileFormat> parse_file_format(std::string_view name) { return parse<FileFormat>(kFormats, name); }
std::optional<Compression> parse_compression(std::string_view name) { return parse<Compression>(kCompressions, name); }
std::optional<PartitionBy> parse_partition_by(std::string_view name) {
  return parse<PartitionBy>(kPartitionings, name);
}

std::string_view file_extension(FileFormat format, Compression compression) {
  if (format == FileFormat::parquet) return "parquet";
  switch (compression) {
    case Compression::gzip:
      return "ndjson.gz";
    case Compression::zstd:
      return "ndjson.zst";
    case Compression::none:
      break;
  }
  return "ndjson";
}

}  // namespace stack::lake
