// What Hive, and with it Glue, Athena and Trino, call the ways to read a table's files: the canonical SerDe and the
// input and output formats. AWS advises against OpenX's SerDe for JSON; this is Hive's own.
// Thread-safety: constants. Never fails.
#pragma once

#include <string_view>

#include "catalog/table.hpp"

namespace stack::catalog {

struct HiveFormat {
  std::string_view serde;
  std::string_view input;
  std::string_view output;
};

inline constexpr HiveFormat kHiveJson{
    .serde = "org.apache.hive.hcatalog.data.JsonSerDe",
    .input = "org.apache.hadoop.mapred.TextInputFormat",
    .output = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
};
inline constexpr HiveFormat kHiveParquet{
    .serde = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    .input = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    .output = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
};

[[nodiscard]] constexpr const HiveFormat& hive_format(TableFormat format) {
  return format == TableFormat::parquet ? kHiveParquet : kHiveJson;
}

// Of the JSON SerDe: a line that is not JSON fails Athena's queries unless it is told to pass it over. Trino's reader of
// this SerDe does not know it, and fails.
inline constexpr std::string_view kIgnoreMalformed = "ignore.malformed.json";

}  // namespace stack::catalog
