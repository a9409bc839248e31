// Reads a data set out of CSV text: header, rows, checks. Used by Dataset only.
// Thread-safety: one thread. Failure: ErrorKind::data as dataset.hpp says.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "market/csv_fields.hpp"
#include "market/dataset.hpp"

namespace stack::market {

class CsvReader {
 public:
  CsvReader(Dataset& dataset, const LoadOptions& options) : dataset_(dataset), options_(options) {}
  [[nodiscard]] Result<void> read();

 private:
  enum Column : std::size_t { symbol, date, open, high, low, close, volume, exchange, column_count };

  [[nodiscard]] Result<void> read_header(std::string_view row, bool quoted, std::uint64_t line);
  // Takes one row; the reason when it is bad, else an empty text.
  [[nodiscard]] std::string take_row(std::string_view row, bool quoted, std::uint64_t offset);
  [[nodiscard]] std::string parse_prices(Bar& bar) const;
  [[nodiscard]] Series* series_of(std::string_view name, std::string& reason);
  [[nodiscard]] Result<void> reject(std::uint64_t line, std::string reason);
  [[nodiscard]] std::string_view field(Column column) const { return fields_[columns_[column]]; }

  Dataset& dataset_;
  LoadOptions options_;
  CsvFields fields_;
  std::array<std::size_t, column_count> columns_{};
  std::size_t width_ = 0;  // fields of the header
  std::vector<std::unique_ptr<Series>> found_;
  std::unordered_map<std::string_view, Series*> by_name_;
  Series* last_ = nullptr;
};

}  // namespace stack::market
