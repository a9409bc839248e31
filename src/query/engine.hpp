// SQL in, rows out. A QueryEngine answers over the tables of a catalog; embedded DuckDB (DuckdbEngine) or, on AWS,
// Athena. Rows come in batches as they are made, so that an answer of any size can be passed on.
// Thread-safety: an engine and its results are used by one thread at a time; one result at a time per engine.
// Failure: ErrorKind::query for SQL that is wrong or not allowed, one line with its position; ErrorKind::interrupted
// when the StopFlag that the engine was given is set.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "query/parameters.hpp"

namespace stack::query {

// How a value is shown: numbers to the right and bare in JSON, nested values as JSON already.
enum class ValueKind : std::uint8_t { text, number, boolean, date, timestamp, json };

struct ResultColumn {
  std::string name;
  std::string type;  // the engine's name: BIGINT, VARCHAR, …
  ValueKind kind = ValueKind::text;
};

// Some rows; every value as text, in one buffer. Rows are appended value by value.
class RowBatch {
 public:
  explicit RowBatch(std::size_t columns) : columns_(columns) {}

  [[nodiscard]] std::size_t rows() const { return columns_ == 0 ? 0 : ends_.size() / columns_; }
  // The value, or nothing for NULL. The view lives as long as the batch is not changed.
  [[nodiscard]] std::optional<std::string_view> value(std::size_t row, std::size_t column) const {
    const std::size_t at = row * columns_ + column;
    if (nulls_[at]) return std::nullopt;
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
    return std::string_view(text_).substr(begin, ends_[at] - begin);
  }

  // The next value is what is appended to text() before end_value().
  [[nodiscard]] std::string& text() { return text_; }
  void end_value() { ends_.push_back(text_.size()), nulls_.push_back(false); }
  void null_value() { ends_.push_back(text_.size()), nulls_.push_back(true); }

 private:
  std::size_t columns_;
  std::string text_;
  std::vector<std::size_t> ends_;
  std::vector<bool> nulls_;
};

class ResultTable {
 public:
  ResultTable() = default;
  ResultTable(const ResultTable&) = delete;
  ResultTable& operator=(const ResultTable&) = delete;
  virtual ~ResultTable() = default;

  [[nodiscard]] virtual const std::vector<ResultColumn>& columns() const = 0;
  // The next rows, or nothing at the end.
  [[nodiscard]] virtual Result<std::optional<RowBatch>> next() = 0;
};

class QueryEngine {
 public:
  QueryEngine() = default;
  QueryEngine(const QueryEngine&) = delete;
  QueryEngine& operator=(const QueryEngine&) = delete;
  virtual ~QueryEngine() = default;

  [[nodiscard]] virtual std::string description() const = 0;
  // One read-only statement (a trailing ';' is fine), with a value for each '?' in it, in order. The result must go
  // before the engine does.
  [[nodiscard]] Result<std::unique_ptr<ResultTable>> run(std::string_view sql,
                                                         std::span<const Parameter> parameters = {}) {
    return answer(sql, parameters);
  }

 private:
  [[nodiscard]] virtual Result<std::unique_ptr<ResultTable>> answer(std::string_view sql,
                                                                    std::span<const Parameter> parameters) = 0;
};

// Whether TEXT, a value of ValueKind::number, is a number in JSON too: nan and inf are not.
[[nodiscard]] inline bool is_json_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

// Whose words a text of SQL is read in. Athena's engine (Trino) ends a comment at the first "*/", and has neither E'…'
// with escapes nor $$…$$.
enum class SqlDialect : std::uint8_t { duckdb, athena };

// The statements of a file of SQL: split at ';' outside quotes and comments, empty ones left out.
[[nodiscard]] std::vector<std::string> split_statements(std::string_view sql, SqlDialect dialect = SqlDialect::duckdb);

}  // namespace stack::query
