// The text of a CSV file: mapped when it is a plain file, else read; decompressed when it is gzip.
// Thread-safety: immutable once made.
// Failure: ErrorKind::data, naming the file and what is wrong with it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::market {

class CsvText {
 public:
  [[nodiscard]] static Result<std::unique_ptr<CsvText>> open(const std::string& path);
  [[nodiscard]] static Result<std::unique_ptr<CsvText>> of(const std::string& name, std::string content);
  ~CsvText();
  CsvText(const CsvText&) = delete;
  CsvText& operator=(const CsvText&) = delete;

  [[nodiscard]] std::string_view view() const { return view_; }  // without a byte order mark

 private:
  CsvText() = default;
  Result<void> settle(const std::string& name, std::string_view raw);

  void* mapping_ = nullptr;
  std::size_t mapping_size_ = 0;
  std::string content_;
  std::string_view view_;
};

}  // namespace stack::market
