#include "catalog/data_file.hpp"

#include <algorithm>
#include <array>

#include "lake/merged_files.hpp"

namespace stack::catalog {
namespace {

struct Ending {
  std::string_view text;
  TableFormat format;
  FileCompression compression;
};
constexpr std::array<Ending, 13> kEndings = {{
    {".ndjson", TableFormat::ndjson, FileCompression::none},
    {".ndjson.gz", TableFormat::ndjson, FileCompression::gzip},
    {".ndjson.zst", TableFormat::ndjson, FileCompression::zstd},
    {".parquet", TableFormat::parquet, FileCompression::none},
    {".jsonl", TableFormat::ndjson, FileCompression::none},
    {".jsonl.gz", TableFormat::ndjson, FileCompression::gzip},
    {".jsonl.zst", TableFormat::ndjson, FileCompression::zstd},
    {".json", TableFormat::ndjson, FileCompression::none},
    {".json.gz", TableFormat::ndjson, FileCompression::gzip},
    {".json.zst", TableFormat::ndjson, FileCompression::zstd},
    {".ndjson.gzip", TableFormat::ndjson, FileCompression::gzip},
    {".ndjson.zstd", TableFormat::ndjson, FileCompression::zstd},
    {".parq", TableFormat::parquet, FileCompression::none},
}};

bool hidden(std::string_view part) { return part.starts_with('_') || part.starts_with('.'); }

enum class Membership { member, hidden, unknown };

Membership classify(std::string_view folder, const lake::ObjectInfo& object, DataFile& file) {
  const std::string_view path = std::string_view(object.key).substr(folder.size() + 1);
  std::string_view rest = path;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
    if (hidden(part)) return Membership::hidden;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    file.partition.push_back({lower_case(part.substr(0, equals)), std::string(part.substr(equals + 1))});
    file.partition_path = path.substr(0, static_cast<std::size_t>(part.data() + part.size() - path.data()));
  }
  if (hidden(rest)) return Membership::hidden;
  for (const Ending& ending : kEndings) {
    if (!rest.ends_with(ending.text)) continue;
    file.key = object.key;
    file.size = object.size;
    file.modified = object.modified;
    file.format = ending.format;
    file.compression = ending.compression;
    return Membership::member;
  }
  return Membership::unknown;
}

void add_to(TableFolder& table, const lake::ObjectInfo& object) {
  DataFile file;
  switch (classify(table.folder, object, file)) {
    case Membership::member:
      table.files.push_back(std::move(file));
      break;
    case Membership::unknown:
      table.passed_over.push_back(object.key);
      break;
    case Membership::hidden:
      break;
  }
}

}  // namespace

std::string_view name_of(FileCompression compression) {
  switch (compression) {
    case FileCompression::gzip:
      return "gzip";
    case FileCompression::zstd:
      return "zstd";
    case FileCompression::none:
      break;
  }
  return "none";
}

std::vector<std::string> spelled_keys(std::string_view partition_path) {
  std::vector<std::string> keys;
  while (!partition_path.empty()) {
    const std::string_view part = partition_path.substr(0, partition_path.find('/'));
    partition_path.remove_prefix(std::min(part.size() + 1, partition_path.size()));
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && equals != 0) keys.emplace_back(part.substr(0, equals));
  }
  return keys;
}

std::optional<DataFile> data_file(std::string_view folder, const lake::ObjectInfo& object) {
  DataFile file;
  if (classify(folder, object, file) != Membership::member) return std::nullopt;
  return file;
}

Result<std::vector<TableFolder>> list_table_folders(lake::ObjectStore& store) {
  STACK_TRY_ASSIGN(objects, store.list(""));
  lake::take_superseded(objects);
  std::vector<TableFolder> tables;
  for (const lake::ObjectInfo& object : objects) {
    const std::string_view key = object.key;
    const std::size_t slash = key.find('/');
    if (slash == std::string_view::npos || hidden(key)) continue;
    const std::string_view folder = key.substr(0, slash);
    if (tables.empty() || tables.back().folder != folder) tables.push_back({std::string(folder), {}, {}});
    add_to(tables.back(), object);
  }
  return tables;
}

Result<TableFolder> list_table_folder(lake::ObjectStore& store, std::string_view folder) {
  TableFolder table{std::string(folder), {}, {}};
  STACK_TRY_ASSIGN(objects, lake::live_files(store, table.folder));
  for (const lake::ObjectInfo& object : objects) add_to(table, object);
  return table;
}

std::string table_name_of(std::string_view folder) {
  std::string name = lower_case(folder);
  for (char& c : name) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) c = '_';
  }
  return name.substr(0, 128);
}

}  // namespace stack::catalog
