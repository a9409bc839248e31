#include "query/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "lake/json_text.hpp"
#include "query/output_stream.hpp"
#include "query/print_table.hpp"

namespace stack::query {
namespace {

void append_csv(std::string& out, std::string_view value) {
  // Quotes tell an empty string from NULL, which is nothing at all.
  const bool plain = !value.empty() && value.find_first_of(",\"\r\n") == std::string_view::npos &&
                     value.front() != ' ' && value.back() != ' ';
  if (plain) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

// RFC 4180, with the line ends of this platform's text files.
Result<std::uint64_t> print_csv(ResultTable& result, OutputStream& out) {
  std::string text;
  for (const ResultColumn& column : result.columns()) {
    if (!text.empty()) text += ',';
    append_csv(text, column.name);
  }
  text += '\n';
  std::uint64_t rows = 0;
  while (true) {
    out.write(text);
    STACK_TRY(out.check());
    if (out.reader_gone()) break;
    STACK_TRY_ASSIGN(batch, result.next());
    if (!batch) break;
    text.clear();
    for (std::size_t row = 0; row < batch->rows(); ++row, ++rows) {
      for (std::size_t column = 0; column < result.columns().size(); ++column) {
        if (column > 0) text += ',';
        if (const auto value = batch->value(row, column)) append_csv(text, *value);
      }
      text += '\n';
    }
  }
  STACK_TRY(out.flush());
  return rows;
}

// JSON objects want names that differ: of columns of one name, the second becomes name_1.
std::vector<std::string> json_keys(const std::vector<ResultColumn>& columns) {
  std::unordered_set<std::string> taken;
  std::vector<std::string> keys;
  for (const ResultColumn& column : columns) {
    std::string name = column.name;
    for (int i = 1; !taken.insert(name).second; ++i) name = column.name + '_' + std::to_string(i);
    keys.push_back(lake::json_string(name) + ':');
  }
  return keys;
}

void append_json(std::string& out, const ResultColumn& column, std::optional<std::string_view> value) {
  if (!value || (column.kind == ValueKind::number && !is_json_number(*value))) {
    out += "null";
  } else if (column.kind == ValueKind::number || column.kind == ValueKind::boolean || column.kind == ValueKind::json) {
    out += *value;
  } else {
    lake::append_json_string(out, *value);
  }
}

// The rows as a JSON array of objects.
Result<std::uint64_t> write_rows(ResultTable& result, const std::vector<std::string>& keys, OutputStream& out) {
  std::string text = "[";
  std::uint64_t rows = 0;
  while (!out.reader_gone()) {
    STACK_TRY_ASSIGN(batch, result.next());
    if (!batch) break;
    for (std::size_t row = 0; row < batch->rows(); ++row, ++rows) {
      text += rows == 0 ? "\n{" : ",\n{";
      for (std::size_t column = 0; column < keys.size(); ++column) {
        if (column > 0) text += ',';
        text += keys[column];
        append_json(text, result.columns()[column], batch->value(row, column));
      }
      text += '}';
    }
    out.write(text);
    STACK_TRY(out.check());
    text.clear();
  }
  out.write(text + (rows > 0 ? "\n]" : "]"));
  return rows;
}

Result<std::uint64_t> print_json(ResultTable& result, OutputStream& out) {
  STACK_TRY_ASSIGN(rows, write_rows(result, json_keys(result.columns()), out));
  out.write("\n");
  STACK_TRY(out.flush());
  return rows;
}

}  // namespace

std::optional<OutputFormat> parse_output_format(std::string_view name) {
  if (name == "table") return OutputFormat::table;
  if (name == "csv") return OutputFormat::csv;
  if (name == "json") return OutputFormat::json;
  return std::nullopt;
}

Result<std::uint64_t> print_result(ResultTable& result, const PrintOptions& options, std::FILE* out) {
  OutputStream stream(out);
  switch (options.format) {
    case OutputFormat::csv:
      return print_csv(result, stream);
    case OutputFormat::json:
      return print_json(result, stream);
    case OutputFormat::table:
      break;
  }
  return print_table(result, options, out);
}

Result<std::uint64_t> print_object(ResultTable& result, const std::function<double()>& seconds, std::FILE* out,
                                   const std::function<std::string()>& more) {
  OutputStream stream(out);
  const std::vector<std::string> keys = json_keys(result.columns());
  std::string columns;
  for (std::size_t i = 0; i < keys.size(); ++i)
    columns += fmt::format(R"({}{{"name":{},"type":{}}})", i == 0 ? "" : ",",
                           std::string_view(keys[i]).substr(0, keys[i].size() - 1),
                           lake::json_string(result.columns()[i].type));
  stream.write(fmt::format(R"({{"columns":[{}],"rows":)", columns));
  STACK_TRY_ASSIGN(rows, write_rows(result, keys, stream));
  stream.write(fmt::format(R"(,"row_count":{},"seconds":{:.3f})", rows, seconds()));
  if (const std::string members = more ? more() : ""; !members.empty()) stream.write("," + members);
  stream.write("}");
  STACK_TRY(stream.flush());
  return rows;
}

}  // namespace stack::query
