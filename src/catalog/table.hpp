// What a catalog knows of a table: where its files are, how they are read, its columns and its partitions.
// Column names are lower case, as Hive's are; the keys under which JSON files hold them ("Adj Close" for the column
// "adj close") are kept beside them, because DuckDB, unlike Athena's SerDe, tells them apart.
// Thread-safety: values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "catalog/hive_type.hpp"

namespace stack::catalog {

enum class TableFormat : std::uint8_t { ndjson, parquet };

struct Column {
  std::string name;                    // lower case
  Type type;                           // settled: no null in it
  std::vector<std::string> json_keys;  // spellings in NDJSON files, most often one; empty: in none of them
  bool in_parquet = false;             // some Parquet file has it
  friend bool operator==(const Column&, const Column&) = default;
};

struct Partition {
  std::vector<std::string> values;  // one for each partition key
  std::string path;                 // below the table's location: "dt=2021-05-28", "daily/DT=2021-05-28"
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  friend bool operator==(const Partition&, const Partition&) = default;
};

struct Table {
  std::string database;
  std::string name;
  std::string folder;                        // of the lake: the table's key prefix without the last '/'
  std::string location;                      // the lake's URI + "/" + folder
  TableFormat format = TableFormat::ndjson;  // of most bytes, where a table holds both
  std::string compression = "none";          // "none", "gzip", "zstd"; of most bytes as well
  std::vector<Column> columns;
  std::vector<std::string> partition_keys;  // all of type string; empty: not partitioned
  std::vector<Partition> partitions;        // by path; of a table without partition keys none
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t malformed_lines = 0;              // of its NDJSON files: lines that are not a JSON object
  bool mixed_formats = false;                     // some files are NDJSON and some Parquet
  bool uniform_parquet = true;                    // its Parquet files have one schema
  std::uint64_t unpartitioned_files = 0;          // of a table with partition keys: files beside the partitions
  std::vector<std::string> unreadable_files;      // damaged, so in no count and no answer; paths below the location
  std::map<std::string, std::string> parameters;  // classification, compressionType, …
  friend bool operator==(const Table&, const Table&) = default;
};

[[nodiscard]] std::string location_of(const Table& table, const Partition& partition);

// Partitions whose values one before them has: a/dt=1 and b/dt=1. Hive and Athena know one folder a partition.
[[nodiscard]] std::vector<const Partition*> repeated_partitions(const Table& table);

// The ticks' columns, which are declared and not inferred, and those that ticks with a quote have besides.
[[nodiscard]] const std::vector<std::pair<std::string, Type>>& tick_columns();
[[nodiscard]] const std::vector<std::pair<std::string, Type>>& quote_columns();

}  // namespace stack::catalog
