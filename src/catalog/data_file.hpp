// The lake's files as a crawler sees them: which table and partition a key belongs to, and what its name says of its
// format. Thread-safety: free functions. Failure: what the store fails with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

enum class FileCompression : std::uint8_t { none, gzip, zstd };
[[nodiscard]] std::string_view name_of(FileCompression compression);

struct PartitionValue {
  std::string key;    // lower case: "dt"
  std::string value;  // "2021-05-28"
  friend bool operator==(const PartitionValue&, const PartitionValue&) = default;
};

struct DataFile {
  std::string key;  // from the lake's root
  std::uint64_t size = 0;
  Micros modified;
  TableFormat format = TableFormat::ndjson;
  FileCompression compression = FileCompression::none;  // of the file as a whole: a Parquet file has none
  std::vector<PartitionValue> partition;                // from the folders key=value on the way
  std::string partition_path;                           // down to the last of them: "daily/DT=2021-05-28"
};

// The files of one folder at the lake's root.
struct TableFolder {
  std::string folder;
  std::vector<DataFile> files;           // by key
  std::vector<std::string> passed_over;  // keys whose names say no format that is known
};

// The partition keys of a path as its folders spell them: "DT" of "daily/DT=2021-05-28".
[[nodiscard]] std::vector<std::string> spelled_keys(std::string_view partition_path);

// What OBJECT is within FOLDER; nothing for names that begin with '_' or '.' (at any level: Hive and Athena skip them
// too) and for names of no known format.
[[nodiscard]] std::optional<DataFile> data_file(std::string_view folder, const lake::ObjectInfo& object);

// All folders with files, but those whose names begin with '_' or '.'.
[[nodiscard]] Result<std::vector<TableFolder>> list_table_folders(lake::ObjectStore& store);
[[nodiscard]] Result<TableFolder> list_table_folder(lake::ObjectStore& store, std::string_view folder);

// The name of FOLDER's table: lower case, and '_' for what Hive's names do not have.
[[nodiscard]] std::string table_name_of(std::string_view folder);

}  // namespace stack::catalog
