#include "market/dataset.hpp"

#include <fmt/format.h>

#include "market/csv_reader.hpp"
#include "market/csv_text.hpp"

namespace stack::market {

Dataset::~Dataset() = default;

Result<BadRowPolicy> parse_bad_row_policy(std::string_view text) {
  if (text == "stop") return BadRowPolicy::stop;
  if (text == "skip") return BadRowPolicy::skip;
  return fail(ErrorKind::usage, fmt::format("--on-bad-row: '{}' is neither stop nor skip", text));
}

Result<std::shared_ptr<const Dataset>> Dataset::load(const std::string& path, const LoadOptions& options) {
  STACK_TRY_ASSIGN(text, CsvText::open(path));
  std::shared_ptr<Dataset> dataset(new Dataset);
  dataset->name_ = path;
  dataset->text_ = std::move(text);
  STACK_TRY(CsvReader(*dataset, options).read());
  return dataset;
}

Result<std::shared_ptr<const Dataset>> Dataset::parse(std::string name, std::string content,
                                                      const LoadOptions& options) {
  STACK_TRY_ASSIGN(text, CsvText::of(name, std::move(content)));
  std::shared_ptr<Dataset> dataset(new Dataset);
  dataset->name_ = std::move(name);
  dataset->text_ = std::move(text);
  STACK_TRY(CsvReader(*dataset, options).read());
  return dataset;
}

std::shared_ptr<const Dataset> Dataset::of_bars(std::string name, std::vector<Series> series) {
  std::shared_ptr<Dataset> dataset(new Dataset);
  dataset->name_ = std::move(name);
  for (const Series& one : series) dataset->row_count_ += one.bars.size();
  dataset->series_ = std::move(series);
  return dataset;
}

std::string_view Dataset::row_text(const Bar& bar) const {
  return text_ ? text_->view().substr(bar.row_offset, bar.row_length) : std::string_view{};
}

}  // namespace stack::market
