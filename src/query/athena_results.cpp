#include "query/athena_results.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stack::query {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string text_of(element parent, const char* name) {
  std::string_view text;
  if (parent[name].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

ResultColumn column_of(element info) {
  std::string name = text_of(info, "Label");
  if (name.empty()) name = text_of(info, "Name");
  std::string type = text_of(info, "Type");
  const ValueKind kind = kind_of_athena_type(type);
  std::uint64_t precision = 0;
  std::uint64_t scale = 0;
  if (type == "decimal" && info["Precision"].get(precision) == simdjson::SUCCESS &&
      info["Scale"].get(scale) == simdjson::SUCCESS)
    type = fmt::format("decimal({},{})", precision, scale);
  return {std::move(name), std::move(type), kind};
}

void append(RowBatch& batch, std::string_view text) {
  batch.text() += text;
  batch.end_value();
}

// DESCRIBE answers with all of a row in its first value: its parts padded with blanks, tabs between them.
void append_tabbed(RowBatch& batch, std::string_view line, std::size_t columns) {
  for (std::size_t i = 0; i < columns; ++i) {
    const std::size_t tab = i + 1 < columns ? std::min(line.find('\t'), line.size()) : line.size();
    std::string_view part = line.substr(0, tab);
    while (part.ends_with(' ') || part.ends_with('\t')) part.remove_suffix(1);
    append(batch, part);
    line.remove_prefix(std::min(tab + 1, line.size()));
  }
}

bool append_row(RowBatch& batch, element row, std::size_t columns, AthenaHeader header) {
  array data;
  if (row["Data"].get(data) != simdjson::SUCCESS || data.size() > columns) return false;
  if (data.size() == 1 && columns > 1 && header == AthenaHeader::none) {
    std::string_view line;  // an empty line comes without VarCharValue
    if (data.at(0)["VarCharValue"].get(line) != simdjson::SUCCESS) line = {};
    append_tabbed(batch, line, columns);
    return true;
  }
  if (data.size() != columns) return false;
  for (const element value : data) {
    std::string_view text;
    if (value["VarCharValue"].get(text) == simdjson::SUCCESS)
      append(batch, text);
    else
      batch.null_value();
  }
  return true;
}

// Of the first row.
bool is_header(element row, const std::vector<ResultColumn>& columns, AthenaHeader header) {
  if (header != AthenaHeader::if_it_repeats_names) return header == AthenaHeader::first_row;
  array data;
  if (row["Data"].get(data) != simdjson::SUCCESS || data.size() != columns.size()) return false;
  return std::ranges::equal(
      data, columns, {}, [](element value) { return text_of(value, "VarCharValue"); }, &ResultColumn::name);
}

std::unexpected<Error> no_page() {
  return fail(ErrorKind::storage,
              "Amazon Athena's answer is no page of results: check AWS_ENDPOINT_URL_ATHENA and AWS_ENDPOINT_URL");
}

class AthenaTable final : public ResultTable {
 public:
  AthenaTable(PageSource source, AthenaPage first)
      : source_(std::move(source)),
        columns_(std::move(first.columns)),
        ready_(std::move(first.rows)),
        next_(std::move(first.next)) {}

  [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }

  [[nodiscard]] Result<std::optional<RowBatch>> next() override {
    while (!ready_ && !next_.empty()) {
      STACK_TRY_ASSIGN(answer, source_(next_));
      STACK_TRY_ASSIGN(page, parse_page(answer, AthenaHeader::none));
      if (page.columns.size() != columns_.size()) return no_page();
      next_ = std::move(page.next);
      ready_ = std::move(page.rows);
    }
    return std::exchange(ready_, std::nullopt);
  }

 private:
  PageSource source_;
  std::vector<ResultColumn> columns_;
  std::optional<RowBatch> ready_;
  std::string next_;
};

}  // namespace

ValueKind kind_of_athena_type(std::string_view type) {
  static constexpr std::array<std::string_view, 9> numbers{"tinyint", "smallint", "integer", "int",    "bigint",
                                                           "real",    "float",    "double",  "decimal"};
  if (std::ranges::find(numbers, type.substr(0, type.find('('))) != numbers.end()) return ValueKind::number;
  if (type == "boolean") return ValueKind::boolean;
  if (type == "date") return ValueKind::date;
  if (type.starts_with("timestamp")) return ValueKind::timestamp;
  if (type == "json") return ValueKind::json;
  return ValueKind::text;
}

AthenaHeader header_of(const AthenaExecution& execution) {
  if (execution.substatement.starts_with("EXPLAIN")) return AthenaHeader::if_it_repeats_names;
  return execution.statement_type == "DML" ? AthenaHeader::first_row : AthenaHeader::none;
}

Result<AthenaPage> parse_page(std::string_view answer, AthenaHeader header) {
  simdjson::dom::parser parser;
  object page;
  if (parser.parse(answer.data(), answer.size()).get(page) != simdjson::SUCCESS) return no_page();
  AthenaPage out;
  array infos;
  if (page.at_pointer("/ResultSet/ResultSetMetadata/ColumnInfo").get(infos) == simdjson::SUCCESS)
    for (const element info : infos) out.columns.push_back(column_of(info));
  array rows;
  if (page.at_pointer("/ResultSet/Rows").get(rows) != simdjson::SUCCESS) return no_page();
  out.rows = RowBatch(out.columns.size());
  bool first = true;
  for (const element row : rows) {
    const bool skipped = std::exchange(first, false) && is_header(row, out.columns, header);
    if (!skipped && !append_row(out.rows, row, out.columns.size(), header)) return no_page();
  }
  std::string_view token;
  if (page["NextToken"].get(token) == simdjson::SUCCESS) out.next = token;
  return out;
}

Result<std::unique_ptr<ResultTable>> athena_table(PageSource source, AthenaHeader header) {
  STACK_TRY_ASSIGN(answer, source({}));
  STACK_TRY_ASSIGN(first, parse_page(answer, header));
  return std::make_unique<AthenaTable>(std::move(source), std::move(first));
}

}  // namespace stack::query
