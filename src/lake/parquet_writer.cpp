#include "lake/parquet_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace stack::lake {

namespace db = duckdb_embedded;

std::string_view duckdb_name(ColumnType type) {
  constexpr std::array<std::string_view, 7> names{"VARCHAR", "BOOLEAN",   "BIGINT", "DOUBLE",
                                                  "DATE",    "TIMESTAMP", "VARCHAR"};
  return names.at(static_cast<std::size_t>(type));
}

Result<void> ParquetWriter::open() {
  if (connection_) return {};
  STACK_TRY_ASSIGN(database,
                   db::Database::open({.path = "",
                                       .settings = {{"memory_limit", fmt::format("{}MiB", memory_limit_ >> 20)},
                                                    {"threads", "2"},
                                                    {"temp_directory", scratch_.native()},
                                                    {"preserve_insertion_order", "false"},
                                                    {"autoinstall_known_extensions", "false"},
                                                    {"autoload_known_extensions", "false"}}}));
  STACK_TRY_ASSIGN(connection, database.connect());
  database_ = std::move(database);
  connection_ = std::move(connection);
  return {};
}

Result<void> ParquetWriter::convert(const std::filesystem::path& json_lines, std::size_t longest_line,
                                    const std::vector<Column>& columns, const std::filesystem::path& parquet) {
  // The reader takes two buffers of this size at once: no larger than the file needs.
  const std::size_t object_size = std::max<std::size_t>(longest_line + 1, 1U << 20);
  STACK_TRY(open());
  std::vector<std::string> selected;
  std::vector<std::string> declared;
  for (const Column& column : columns) {
    selected.push_back(db::quote_identifier(column.name));
    declared.push_back(fmt::format("{}: '{}'", db::quote_literal(column.name), duckdb_name(column.type)));
  }
  std::vector<std::string> order;
  for (const std::string_view name : {"symbol", "event_time", "seq"}) {
    if (std::ranges::find(columns, name, &Column::name) != columns.end()) order.push_back(db::quote_identifier(name));
  }
  // A file without any column cannot be: rows of nothing but {} get one that is always null.
  if (columns.empty()) {
    selected.emplace_back("NULL::VARCHAR AS \"empty\"");
    declared.emplace_back("'empty': 'VARCHAR'");
  }
  const std::string sql = fmt::format(
      "COPY (SELECT {} FROM read_json({}, format='newline_delimited', columns={{{}}}, "
      "maximum_object_size={}){}{}) "
      "TO {} (FORMAT parquet, COMPRESSION zstd)",
      fmt::join(selected, ", "), db::quote_literal(json_lines.native()), fmt::join(declared, ", "), object_size,
      order.empty() ? "" : " ORDER BY ", fmt::join(order, ", "), db::quote_literal(parquet.native()));
  if (auto done = connection_->run(sql); !done) {
    return fail(ErrorKind::storage, fmt::format("cannot write {}: {}", parquet.native(), done.error().message));
  }
  return {};
}

}  // namespace stack::lake
