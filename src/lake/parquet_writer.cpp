#include "lake/parquet_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "lake/tick_parquet.hpp"
#include "lake/tick_rows.hpp"

namespace stack::lake {

namespace db = duckdb_embedded;

std::string_view duckdb_name(ColumnType type) {
  constexpr std::array<std::string_view, 7> names{"VARCHAR", "BOOLEAN",   "BIGINT", "DOUBLE",
                                                  "DATE",    "TIMESTAMP", "VARCHAR"};
  return names.at(static_cast<std::size_t>(type));
}

namespace {

// As rows in memory: 44 bytes each, 68 with a quote; more are sorted with the help of files.
constexpr std::uint64_t kMostTickRows = 1'500'000;
constexpr std::uint64_t kMostQuotedTickRows = 1'000'000;

// The members of each object as columns; the reader does it all.
std::string plain_rows(const std::string& file, std::size_t object_size, const std::vector<Column>& columns) {
  std::vector<std::string> selected;
  std::vector<std::string> declared;
  for (const Column& column : columns) {
    selected.push_back(db::quote_identifier(column.name));
    declared.push_back(fmt::format("{}: '{}'", db::quote_literal(column.name), duckdb_name(column.type)));
  }
  return fmt::format(
      "{} FROM read_json({}, format='newline_delimited', records=true, columns={{{}}}, maximum_object_size={})",
      fmt::join(selected, ", "), file, fmt::join(declared, ", "), object_size);
}

// Each column as the first of its spellings that an object has: dearer, since each object is read whole.
std::string rows_of_several_spellings(const std::string& file, std::size_t object_size,
                                      const std::vector<Column>& columns) {
  std::vector<std::string> selected;
  for (const Column& column : columns) {
    std::string value = fmt::format("json_extract_string(json, {})", db::quote_literal(db::json_pointer(column.name)));
    for (const std::string& spelling : column.other_spellings) {
      value += fmt::format(", json_extract_string(json, {})", db::quote_literal(db::json_pointer(spelling)));
    }
    selected.push_back(fmt::format("CAST(coalesce({}) AS {}) AS {}", value, duckdb_name(column.type),
                                   db::quote_identifier(column.name)));
  }
  return fmt::format("{} FROM read_ndjson_objects({}, maximum_object_size={})", fmt::join(selected, ", "), file,
                     object_size);
}

std::string rows_of(const std::filesystem::path& json_lines, std::size_t object_size,
                    const std::vector<Column>& columns) {
  const std::string file = db::quote_literal(json_lines.native());
  if (columns.empty()) {  // rows of nothing but {}: a file has at least one column
    return fmt::format("NULL::VARCHAR AS \"empty\" FROM read_ndjson_objects({}, maximum_object_size={})", file,
                       object_size);
  }
  const bool one_spelling = std::ranges::all_of(columns, [](const Column& c) { return c.other_spellings.empty(); });
  return one_spelling ? plain_rows(file, object_size, columns) : rows_of_several_spellings(file, object_size, columns);
}

}  // namespace

Result<void> ParquetWriter::open() {
  if (connection_) return {};
  STACK_TRY_ASSIGN(database,
                   db::Database::open({.path = "",
                                       .settings = {{"memory_limit", fmt::format("{}MiB", memory_limit_ >> 20)},
                                                    {"threads", "1"},
                                                    {"temp_directory", scratch_.native()},
                                                    {"preserve_insertion_order", "false"},
                                                    {"autoinstall_known_extensions", "false"},
                                                    {"autoload_known_extensions", "false"}}}));
  STACK_TRY_ASSIGN(connection, database.connect());
  database_ = std::move(database);
  connection_ = std::move(connection);
  return {};
}

// DuckDB holds some 2,048 values of each column several times over, whatever the rows: a record of thousands of fields
// needs more than the limit that does for others, and without it its range could never be finished.
Result<void> ParquetWriter::allow_for(std::size_t columns) {
  constexpr std::size_t kUsualColumns = 200;
  constexpr std::uint64_t kBytesAColumn = 256U << 10;
  const std::uint64_t extra = columns > kUsualColumns ? (columns - kUsualColumns) * kBytesAColumn : 0;
  if (extra == extra_memory_) return {};
  extra_memory_ = extra;
  return connection_->run(fmt::format("SET memory_limit='{}MiB'", (memory_limit_ + extra) >> 20));
}

Result<void> ParquetWriter::convert(const JsonLines& lines, const std::vector<Column>& columns, Compression compression,
                                    const std::filesystem::path& parquet) {
  const bool quoted = columns == quoted_tick_columns();
  if (lines.all_ticks && lines.rows <= (quoted ? kMostQuotedTickRows : kMostTickRows) &&
      (quoted || columns == tick_columns())) {
    STACK_TRY_ASSIGN(ticks, TickRows::read(lines.path, lines.rows, quoted));
    return write_tick_parquet(ticks, compression, parquet);
  }
  STACK_TRY(open());
  STACK_TRY(allow_for(columns.size()));
  // The reader takes two buffers of this size at once: no larger than the file needs.
  const std::size_t object_size = std::max<std::size_t>(lines.longest + 1, 1U << 20);
  std::vector<std::string> order;
  for (const std::string_view name : {"symbol", "event_time", "seq"}) {
    if (std::ranges::find(columns, name, &Column::name) != columns.end()) order.push_back(db::quote_identifier(name));
  }
  return copy(fmt::format("{}{}{}", rows_of(lines.path, object_size, columns), order.empty() ? "" : " ORDER BY ",
                          fmt::join(order, ", ")),
              compression, parquet);
}

Result<void> ParquetWriter::copy(const std::string& rows, Compression compression,
                                 const std::filesystem::path& parquet) {
  const std::string sql =
      fmt::format("COPY (SELECT {}) TO {} (FORMAT parquet, COMPRESSION {})", rows, db::quote_literal(parquet.native()),
                  compression == Compression::none ? "uncompressed" : name_of(compression));
  if (auto done = connection_->run(sql); !done) {
    return fail(ErrorKind::storage, fmt::format("cannot write {}: {}", parquet.native(), done.error().message));
  }
  return {};
}

}  // namespace stack::lake
