// The history that a feed is made from: a CSV file (or .gz) of daily bars, checked row by row.
// Columns are found by name, in any order and case: Index or Symbol or Ticker, Date, Open, High, Low, Close, Volume;
// Exchange is optional; all others are kept as text only. Quoted fields, CRLF and a byte order mark are taken.
// Thread-safety: immutable once loaded.
// Failure: ErrorKind::data; a bad row is named as "file:line: reason".
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "market/bar.hpp"

namespace stack::market {

enum class BadRowPolicy { stop, skip };

[[nodiscard]] Result<BadRowPolicy> parse_bad_row_policy(std::string_view text);  // --on-bad-row

struct LoadOptions {
  BadRowPolicy on_bad_row = BadRowPolicy::stop;
  std::size_t reasons_kept = 10;  // of the skipped rows
};

struct BadRow {
  std::uint64_t line = 0;
  std::string reason;
};

class CsvText;  // the file's text: mapped, or decompressed into memory

class Dataset {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const Dataset>> load(const std::string& path,
                                                                   const LoadOptions& options = {});
  // The same from text; NAME stands for the file in messages.
  [[nodiscard]] static Result<std::shared_ptr<const Dataset>> parse(std::string name, std::string content,
                                                                    const LoadOptions& options = {});
  // One of bars that no file holds; they have no rows' text. SERIES: in order of symbol, each with bars in order of
  // date.
  [[nodiscard]] static std::shared_ptr<const Dataset> of_bars(std::string name, std::vector<Series> series);
  ~Dataset();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::span<const Series> series() const { return series_; }            // in order of symbol
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }  // the header, as written
  [[nodiscard]] std::size_t symbol_column() const { return symbol_column_; }
  [[nodiscard]] std::size_t date_column() const { return date_column_; }
  // Whether the column is Open, High, Low, Close or Volume, whose fields are numbers in every row.
  [[nodiscard]] bool is_bar_value(std::size_t column) const {
    return std::ranges::find(value_columns_, column) != value_columns_.end();
  }
  [[nodiscard]] std::uint64_t row_count() const { return row_count_; }           // good rows
  [[nodiscard]] std::uint64_t skipped_count() const { return skipped_count_; }   // bad rows left out
  [[nodiscard]] const std::vector<BadRow>& skipped() const { return skipped_; }  // the first of them
  [[nodiscard]] std::string_view row_text(const Bar& bar) const;                 // without its line end

 private:
  friend class CsvReader;
  Dataset() = default;

  std::string name_;
  std::unique_ptr<CsvText> text_;
  std::vector<Series> series_;
  std::vector<std::string> columns_;
  std::size_t symbol_column_ = 0;
  std::size_t date_column_ = 0;
  std::array<std::size_t, 5> value_columns_{};
  std::uint64_t row_count_ = 0;
  std::uint64_t skipped_count_ = 0;
  std::vector<BadRow> skipped_;
};

}  // namespace stack::market
