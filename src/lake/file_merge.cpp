#include "lake/file_merge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>

#include "duckdb/database.hpp"
#include "lake/upload_file.hpp"

namespace stack::lake {
namespace {

namespace db = duckdb_embedded;
namespace fs = std::filesystem;

constexpr std::uint64_t kPiece = 8U << 20;

// Local files that go with their owner.
struct LocalFiles {
  std::vector<fs::path> paths;
  LocalFiles() = default;
  LocalFiles(const LocalFiles&) = delete;
  LocalFiles& operator=(const LocalFiles&) = delete;
  ~LocalFiles() {
    std::error_code ignored;
    for (const fs::path& path : paths) fs::remove(path, ignored);
  }
};

std::unexpected<Error> gone(const ObjectStore& store, const std::string& key) {
  return fail(ErrorKind::conflict,
              fmt::format("{} in {} was to be merged and is gone; `stack verify` tells whether rows are missing", key,
                          store.uri()));
}

std::unexpected<Error> unwritable(const fs::path& path) {
  return fail(ErrorKind::storage, fmt::format("cannot write {}; check the disk's space", path.native()));
}

Result<std::vector<std::string>> columns_of(db::Connection& connection, const std::string& source) {
  STACK_TRY_ASSIGN(result, connection.query(fmt::format("SELECT * FROM {} LIMIT 0", source)));
  std::vector<std::string> names;
  names.reserve(result.column_count());
  for (std::size_t i = 0; i < result.column_count(); ++i) names.push_back(result.column_name(i));
  return names;
}

std::string order_by(const std::vector<std::string>& columns) {
  std::vector<std::string> order;
  for (const std::string_view name : {"symbol", "event_time", "seq"})
    if (std::ranges::find(columns, name) != columns.end()) order.push_back(db::quote_identifier(name));
  return order.empty() ? std::string{} : fmt::format(" ORDER BY {}", fmt::join(order, ", "));
}

Result<std::uint64_t> count_rows(db::Connection& connection, const fs::path& parquet) {
  STACK_TRY_ASSIGN(result, connection.query(fmt::format("SELECT count(*)::BIGINT FROM read_parquet({})",
                                                        db::quote_literal(parquet.native()))));
  STACK_TRY_ASSIGN(chunk, result.next());
  if (!chunk || chunk->rows() != 1) return unwritable(parquet);
  return static_cast<std::uint64_t>(chunk->values<std::int64_t>(0).front());
}

}  // namespace

template <class Take>
Result<void> FileMerger::read(const std::string& key, Take&& take) {
  STACK_TRY_ASSIGN(object, store_.head(key));
  if (!object) return gone(store_, key);
  for (std::uint64_t offset = 0; offset < object->size; offset += kPiece) {
    STACK_TRY_ASSIGN(bytes, store_.get_range(key, offset, kPiece));
    if (!bytes) return gone(store_, key);
    if (bytes->size() != std::min(kPiece, object->size - offset))
      return fail(ErrorKind::storage, fmt::format("{} in {}: {} bytes came from {} on where {} are", key, store_.uri(),
                                                  bytes->size(), offset, std::min(kPiece, object->size - offset)));
    STACK_TRY(take(*bytes));
  }
  return {};
}

Result<PutOutcome> FileMerger::merge(const std::vector<std::string>& inputs, FileFormat format, std::uint64_t rows,
                                     const std::string& output, const PutGuard& guard) {
  return format == FileFormat::parquet ? rewrite(inputs, rows, output, guard) : join(inputs, output, guard);
}

Result<PutOutcome> FileMerger::join(const std::vector<std::string>& inputs, const std::string& output,
                                    const PutGuard& guard) {
  STACK_TRY_ASSIGN(upload, store_.open_upload(output));
  for (const std::string& key : inputs)
    STACK_TRY(read(key, [&](std::string_view bytes) { return upload->append(bytes); }));
  return upload->complete_if_absent(guard);
}

Result<fs::path> FileMerger::local_copy(const std::string& key, std::vector<fs::path>& copies) {
  if (auto path = store_.local_path(key)) return *std::move(path);
  fs::path copy = scratch_.next_path("parquet");
  copies.push_back(copy);
  std::ofstream file(copy, std::ios::binary);
  STACK_TRY(read(key, [&](const std::string& bytes) -> Result<void> {
    if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return unwritable(copy);
    return {};
  }));
  file.close();
  if (!file) return unwritable(copy);
  return copy;
}

Result<PutOutcome> FileMerger::rewrite(const std::vector<std::string>& inputs, std::uint64_t rows,
                                       const std::string& output, const PutGuard& guard) {
  LocalFiles temporary;
  std::vector<std::string> sources;
  for (const std::string& key : inputs) {
    STACK_TRY_ASSIGN(path, local_copy(key, temporary.paths));
    std::error_code missing;
    if (!fs::exists(path, missing)) return gone(store_, key);
    sources.push_back(db::quote_literal(path.native()));
  }
  STACK_TRY_ASSIGN(database,
                   db::Database::open({.path = "",
                                       .settings = {{"memory_limit", fmt::format("{}MiB", memory_limit_ >> 20)},
                                                    {"threads", "1"},
                                                    {"temp_directory", scratch_.path().native()},
                                                    {"preserve_insertion_order", "false"},
                                                    {"autoinstall_known_extensions", "false"},
                                                    {"autoload_known_extensions", "false"}}}));
  STACK_TRY_ASSIGN(connection, database.connect());
  const std::string source = fmt::format("read_parquet([{}], hive_partitioning = false)", fmt::join(sources, ", "));
  STACK_TRY_ASSIGN(columns, columns_of(connection, source));
  const fs::path merged = scratch_.next_path("parquet");
  temporary.paths.push_back(merged);
  STACK_TRY(connection.run(fmt::format("COPY (SELECT * FROM {}{}) TO {} (FORMAT parquet, COMPRESSION zstd)", source,
                                       order_by(columns), db::quote_literal(merged.native()))));
  STACK_TRY_ASSIGN(found, count_rows(connection, merged));
  if (found != rows)
    return fail(ErrorKind::storage,
                fmt::format("{} files from {} on in {} hold {} rows, by their claims they should have "
                            "{}: they stay as they are; `stack verify` tells more",
                            inputs.size(), inputs.front(), store_.uri(), found, rows));
  STACK_TRY_ASSIGN(upload, store_.open_upload(output));
  STACK_TRY(append_file(*upload, merged));
  return upload->complete_if_absent(guard);
}

}  // namespace stack::lake
