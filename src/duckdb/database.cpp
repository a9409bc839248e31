#include "duckdb/database.hpp"

#include <fmt/format.h>

namespace stack::duckdb_embedded {
namespace {

ErrorKind kind_of(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorKind::storage;
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorKind::interrupted;
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
      return ErrorKind::internal;
    default:
      return ErrorKind::query;
  }
}

std::string text_or(const char* text, const char* otherwise) { return text != nullptr ? text : otherwise; }

// Takes over RAW: a result, or the error it holds.
Result<QueryResult> taken(duckdb_state state, duckdb_result& raw) {
  if (state == DuckDBSuccess) return QueryResult(raw);
  Error error{kind_of(duckdb_result_error_type(&raw)), text_or(duckdb_result_error(&raw), "query failed")};
  duckdb_destroy_result(&raw);
  return std::unexpected(std::move(error));
}

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  out += quote;
  return out;
}

}  // namespace

std::string quote_literal(std::string_view text) { return doubled(text, '\''); }
std::string quote_identifier(std::string_view name) { return doubled(name, '"'); }

std::string json_pointer(std::string_view key) {
  std::string pointer = "/";
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

Chunk::Chunk(duckdb_data_chunk raw) : raw_(raw), rows_(duckdb_data_chunk_get_size(raw)) {
  const std::size_t columns = duckdb_data_chunk_get_column_count(raw);
  columns_.reserve(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    duckdb_vector column = duckdb_data_chunk_get_vector(raw, i);
    columns_.push_back({duckdb_vector_get_data(column), duckdb_vector_get_validity(column)});
  }
}

std::string_view Chunk::text(std::size_t column, std::size_t row) const {
  const auto* strings = static_cast<const duckdb_string_t*>(columns_[column].data);
  const duckdb_string_t& value = strings[row];
  const std::size_t length = value.value.inlined.length;
  const char* data =
      length <= sizeof(value.value.inlined.inlined) ? value.value.inlined.inlined : value.value.pointer.ptr;
  return {data, length};
}

Result<std::optional<Chunk>> QueryResult::next() {
  duckdb_data_chunk raw = duckdb_fetch_chunk(*raw_);
  if (raw != nullptr) return Chunk(raw);
  const char* error = duckdb_result_error(raw_.get());
  if (error != nullptr && *error != '\0') return fail(kind_of(duckdb_result_error_type(raw_.get())), error);
  return std::nullopt;
}

namespace {
Result<void> bound(duckdb_state state, duckdb_prepared_statement statement, std::size_t parameter) {
  if (state == DuckDBSuccess) return {};
  return fail(ErrorKind::query,
              fmt::format("parameter {}: {}", parameter, text_or(duckdb_prepare_error(statement), "cannot be bound")));
}
}  // namespace

Result<void> PreparedStatement::bind(std::size_t parameter, std::string_view value) {
  return bound(duckdb_bind_varchar_length(raw_.get(), parameter, value.data(), value.size()), raw_.get(), parameter);
}
Result<void> PreparedStatement::bind(std::size_t parameter, std::int64_t value) {
  return bound(duckdb_bind_int64(raw_.get(), parameter, value), raw_.get(), parameter);
}
Result<void> PreparedStatement::bind(std::size_t parameter, double value) {
  return bound(duckdb_bind_double(raw_.get(), parameter, value), raw_.get(), parameter);
}
Result<void> PreparedStatement::bind(std::size_t parameter, duckdb_decimal value) {
  return bound(duckdb_bind_decimal(raw_.get(), parameter, value), raw_.get(), parameter);
}
Result<void> PreparedStatement::bind(std::size_t parameter, duckdb_date value) {
  return bound(duckdb_bind_date(raw_.get(), parameter, value), raw_.get(), parameter);
}
Result<void> PreparedStatement::bind(std::size_t parameter, duckdb_timestamp value) {
  return bound(duckdb_bind_timestamp(raw_.get(), parameter, value), raw_.get(), parameter);
}
Result<void> PreparedStatement::bind_null(std::size_t parameter) {
  return bound(duckdb_bind_null(raw_.get(), parameter), raw_.get(), parameter);
}

Result<QueryResult> PreparedStatement::execute() {
  duckdb_result raw{};
  return taken(duckdb_execute_prepared(raw_.get(), &raw), raw);
}

Result<QueryResult> PreparedStatement::execute_streaming() {
  duckdb_pending_result pending = nullptr;
  if (duckdb_pending_prepared_streaming(raw_.get(), &pending) == DuckDBError) {
    std::string message = text_or(duckdb_pending_error(pending), "query failed");
    duckdb_destroy_pending(&pending);
    return fail(ErrorKind::query, std::move(message));
  }
  duckdb_result raw{};
  const duckdb_state state = duckdb_execute_pending(pending, &raw);
  duckdb_destroy_pending(&pending);
  return taken(state, raw);
}

Result<QueryResult> Connection::query(const std::string& sql) {
  duckdb_result raw{};
  return taken(duckdb_query(raw_.get(), sql.c_str(), &raw), raw);
}

Result<void> Connection::run(const std::string& sql) {
  STACK_TRY(query(sql));
  return {};
}

Result<PreparedStatement> Connection::prepare(const std::string& sql) {
  duckdb_prepared_statement raw = nullptr;
  const duckdb_state state = duckdb_prepare(raw_.get(), sql.c_str(), &raw);
  if (state == DuckDBSuccess) return PreparedStatement(raw);
  std::string message = text_or(duckdb_prepare_error(raw), "the statement cannot be prepared");
  duckdb_destroy_prepare(&raw);
  return fail(ErrorKind::query, std::move(message));
}

Result<QueryResult> Connection::stream(const std::string& sql) {
  STACK_TRY_ASSIGN(statement, prepare(sql));
  return statement.execute_streaming();
}

Result<Database> Database::open(const DatabaseOptions& options) {
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) == DuckDBError) return fail(ErrorKind::internal, "DuckDB: no configuration");
  for (const auto& [name, value] : options.settings) {
    if (duckdb_set_config(config, name.c_str(), value.c_str()) == DuckDBError) {
      duckdb_destroy_config(&config);
      return fail(ErrorKind::internal, fmt::format("DuckDB refuses the setting {}={}", name, value));
    }
  }
  duckdb_database raw = nullptr;
  char* error = nullptr;
  const duckdb_state state =
      duckdb_open_ext(options.path.empty() ? nullptr : options.path.c_str(), &raw, config, &error);
  duckdb_destroy_config(&config);
  if (state == DuckDBSuccess) return Database(raw);
  std::string message = text_or(error, "DuckDB cannot be opened");
  duckdb_free(error);
  return fail(ErrorKind::storage, std::move(message));
}

Result<Connection> Database::connect() const {
  duckdb_connection raw = nullptr;
  if (duckdb_connect(raw_.get(), &raw) == DuckDBError) return fail(ErrorKind::internal, "DuckDB: no connection");
  return Connection(raw);
}

Result<Appender> Appender::open(const Connection& connection, const std::string& table) {
  duckdb_appender raw = nullptr;
  const duckdb_state state = duckdb_appender_create(connection.get(), nullptr, table.c_str(), &raw);
  Appender appender(raw);
  if (state == DuckDBError) return std::unexpected(appender.failure().error());
  return appender;
}

Result<void> Appender::failure() const {
  return fail(ErrorKind::query, text_or(duckdb_appender_error(raw_.get()), "rows cannot be appended"));
}

Result<void> Appender::end_row() {
  note(duckdb_appender_end_row(raw_.get()));
  return failed_ ? failure() : Result<void>{};
}

Result<void> Appender::close() {
  note(duckdb_appender_close(raw_.get()));
  return failed_ ? failure() : Result<void>{};
}

}  // namespace stack::duckdb_embedded
