// Embedded DuckDB through its C API, with one owner per handle: Database -> Connection -> QueryResult -> Chunk, and
// Appender and PreparedStatement beside them. What the lake writes as Parquet and the engine answers goes through here.
// Thread-safety: a Database may be used from any thread; a Connection and all that came from it by one thread at a
// time, but for Connection::interrupt(), which any thread may call.
// Failure: Result. Wrong SQL is ErrorKind::query, input/output is ErrorKind::storage, an interrupt is
// ErrorKind::interrupted; the message is DuckDB's own. Nothing throws.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace stack::duckdb_embedded {

// 'text' as an SQL literal, "name" as an SQL identifier.
[[nodiscard]] std::string quote_literal(std::string_view text);
[[nodiscard]] std::string quote_identifier(std::string_view name);
// "/key" as a JSON pointer (RFC 6901), which takes any key, as json_extract wants it.
[[nodiscard]] std::string json_pointer(std::string_view key);

// Up to duckdb_vector_size() (2,048) rows of a result, column by column.
class Chunk {
 public:
  explicit Chunk(duckdb_data_chunk raw);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] bool is_null(std::size_t column, std::size_t row) const {
    const std::uint64_t* validity = columns_[column].validity;
    return validity != nullptr && (validity[row / 64] >> (row % 64) & 1U) == 0;
  }
  // The column's values as DuckDB lays them out: T must be its physical type (BIGINT std::int64_t, DOUBLE double,
  // INTEGER std::int32_t, BOOLEAN bool, TIMESTAMP duckdb_timestamp, DATE duckdb_date, VARCHAR duckdb_string_t, …).
  template <class T>
  [[nodiscard]] std::span<const T> values(std::size_t column) const {
    return {static_cast<const T*>(columns_[column].data), rows_};
  }
  // A VARCHAR or BLOB value; the view lives as long as the chunk.
  [[nodiscard]] std::string_view text(std::size_t column, std::size_t row) const;
  // The raw vector, for nested types.
  [[nodiscard]] duckdb_vector vector(std::size_t column) const {
    return duckdb_data_chunk_get_vector(raw_.get(), column);
  }

 private:
  struct Deleter {
    void operator()(duckdb_data_chunk chunk) const { duckdb_destroy_data_chunk(&chunk); }
  };
  struct Column {
    const void* data;
    const std::uint64_t* validity;
  };
  std::unique_ptr<_duckdb_data_chunk, Deleter> raw_;
  std::size_t rows_;
  std::vector<Column> columns_;
};

struct LogicalTypeDeleter {
  void operator()(duckdb_logical_type type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<std::remove_pointer_t<duckdb_logical_type>, LogicalTypeDeleter>;

class QueryResult {
 public:
  explicit QueryResult(const duckdb_result& raw) : raw_(new duckdb_result(raw)) {}

  [[nodiscard]] std::size_t column_count() const { return duckdb_column_count(raw_.get()); }
  [[nodiscard]] std::string column_name(std::size_t column) const { return duckdb_column_name(raw_.get(), column); }
  [[nodiscard]] duckdb_type column_type(std::size_t column) const { return duckdb_column_type(raw_.get(), column); }
  // The type with its parts: members, element, precision.
  [[nodiscard]] LogicalType logical_type(std::size_t column) const {
    return LogicalType(duckdb_column_logical_type(raw_.get(), column));
  }
  [[nodiscard]] duckdb_statement_type statement_type() const { return duckdb_result_statement_type(*raw_); }
  // Rows an INSERT, UPDATE, DELETE or COPY touched.
  [[nodiscard]] std::uint64_t rows_changed() const { return duckdb_rows_changed(raw_.get()); }
  // The next rows, or nothing at the end. A streamed result does its work here, so it may fail here.
  [[nodiscard]] Result<std::optional<Chunk>> next();
  // For what the C API says of a result beyond this.
  [[nodiscard]] duckdb_result* get() const { return raw_.get(); }

 private:
  struct Deleter {
    void operator()(duckdb_result* result) const {
      duckdb_destroy_result(result);
      delete result;
    }
  };
  std::unique_ptr<duckdb_result, Deleter> raw_;
};

class PreparedStatement {
 public:
  explicit PreparedStatement(duckdb_prepared_statement raw) : raw_(raw) {}

  [[nodiscard]] std::size_t parameter_count() const { return duckdb_nparams(raw_.get()); }
  [[nodiscard]] duckdb_statement_type statement_type() const { return duckdb_prepared_statement_type(raw_.get()); }
  // Parameters count from 1.
  [[nodiscard]] Result<void> bind(std::size_t parameter, std::string_view value);
  [[nodiscard]] Result<void> bind(std::size_t parameter, std::int64_t value);
  [[nodiscard]] Result<void> bind(std::size_t parameter, double value);
  [[nodiscard]] Result<void> bind(std::size_t parameter, duckdb_decimal value);
  [[nodiscard]] Result<void> bind(std::size_t parameter, duckdb_date value);
  [[nodiscard]] Result<void> bind(std::size_t parameter, duckdb_timestamp value);
  [[nodiscard]] Result<void> bind_null(std::size_t parameter);
  [[nodiscard]] Result<QueryResult> execute();
  // Rows are made as they are asked for, so a large answer never stands in memory whole.
  [[nodiscard]] Result<QueryResult> execute_streaming();

 private:
  struct Deleter {
    void operator()(duckdb_prepared_statement statement) const { duckdb_destroy_prepare(&statement); }
  };
  std::unique_ptr<_duckdb_prepared_statement, Deleter> raw_;
};

class Connection {
 public:
  explicit Connection(duckdb_connection raw) : raw_(raw) {}

  // One or more statements separated by ';'; the result is the last one's.
  [[nodiscard]] Result<QueryResult> query(const std::string& sql);
  // As query(), the result dropped.
  [[nodiscard]] Result<void> run(const std::string& sql);
  // One statement whose rows are made as they are asked for.
  [[nodiscard]] Result<QueryResult> stream(const std::string& sql);
  [[nodiscard]] Result<PreparedStatement> prepare(const std::string& sql);
  // Ends the running query with ErrorKind::interrupted. Any thread may call it.
  void interrupt() const { duckdb_interrupt(raw_.get()); }
  [[nodiscard]] duckdb_connection get() const { return raw_.get(); }

 private:
  struct Deleter {
    void operator()(duckdb_connection connection) const { duckdb_disconnect(&connection); }
  };
  std::unique_ptr<_duckdb_connection, Deleter> raw_;
};

struct DatabaseOptions {
  std::string path;  // empty: in memory
  // DuckDB's own settings by name, e.g. {"memory_limit", "96MB"}, {"threads", "2"}, {"temp_directory", "…"}.
  std::vector<std::pair<std::string, std::string>> settings;
};

class Database {
 public:
  [[nodiscard]] static Result<Database> open(const DatabaseOptions& options);
  [[nodiscard]] Result<Connection> connect() const;

 private:
  struct Deleter {
    void operator()(duckdb_database database) const { duckdb_close(&database); }
  };
  explicit Database(duckdb_database raw) : raw_(raw) {}
  std::unique_ptr<_duckdb_database, Deleter> raw_;
};

// Rows into an existing table, the fast way. Values in column order, then end_row(); close() says whether all of it
// went in. A failed append shows at end_row() or close().
class Appender {
 public:
  [[nodiscard]] static Result<Appender> open(const Connection& connection, const std::string& table);

  void append(std::int64_t value) { note(duckdb_append_int64(raw_.get(), value)); }
  void append(double value) { note(duckdb_append_double(raw_.get(), value)); }
  void append(std::string_view value) { note(duckdb_append_varchar_length(raw_.get(), value.data(), value.size())); }
  void append(duckdb_timestamp value) { note(duckdb_append_timestamp(raw_.get(), value)); }
  void append(duckdb_date value) { note(duckdb_append_date(raw_.get(), value)); }
  void append_null() { note(duckdb_append_null(raw_.get())); }
  [[nodiscard]] Result<void> end_row();
  [[nodiscard]] Result<void> close();

 private:
  struct Deleter {
    void operator()(duckdb_appender appender) const { duckdb_appender_destroy(&appender); }
  };
  explicit Appender(duckdb_appender raw) : raw_(raw) {}
  void note(duckdb_state state) { failed_ = failed_ || state == DuckDBError; }
  [[nodiscard]] Result<void> failure() const;

  std::unique_ptr<_duckdb_appender, Deleter> raw_;
  bool failed_ = false;
};

}  // namespace stack::duckdb_embedded
