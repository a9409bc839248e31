#include "query/print_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "query/output_stream.hpp"

namespace stack::query {
namespace {

// The rows whose values decide how wide the columns are.
constexpr std::size_t kRowsLookedAt = 2'000;
// Characters to which a wide column may be cut so that the others fit; a date stays whole.
constexpr std::size_t kNarrowest = 12;
constexpr std::string_view kNull = "NULL";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }  // UTF-8's bytes after the first

// Lines of a table, in ASCII or in box characters.
struct Rules {
  std::string_view bar;    // between cells
  std::string_view line;   // under the head
  std::string_view cross;  // where the two meet
};
constexpr Rules kAscii{" | ", "-", "-+-"};
constexpr Rules kBox{" │ ", "─", "─┼─"};

class TableLayout {
 public:
  TableLayout(const std::vector<ResultColumn>& columns, const std::vector<RowBatch>& rows, std::size_t width)
      : columns_(columns), shown_(columns.size()) {
    for (const ResultColumn& column : columns) widths_.push_back(display_width(column.name));
    for (const RowBatch& batch : rows) {
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        for (std::size_t i = 0; i < columns.size(); ++i)
          widths_[i] = std::max(widths_[i], display_width(batch.value(row, i).value_or(kNull)));
      }
    }
    for (std::size_t& each : widths_) each = std::max<std::size_t>(each, 1);
    if (width > 0) fit(width);
  }

  [[nodiscard]] std::size_t shown() const { return shown_; }

  void append_head(std::string& out, const Rules& rules) const {
    for (std::size_t i = 0; i < shown_; ++i) append_cell(out, i, columns_[i].name, rules, false);
    out += '\n';
    for (std::size_t i = 0; i < shown_; ++i) {
      if (i > 0) out += rules.cross;
      for (std::size_t at = 0; at < widths_[i]; ++at) out += rules.line;
    }
    out += '\n';
  }

  void append_row(std::string& out, const RowBatch& batch, std::size_t row, const Rules& rules) const {
    for (std::size_t i = 0; i < shown_; ++i) append_cell(out, i, batch.value(row, i).value_or(kNull), rules, true);
    out += '\n';
  }

 private:
  [[nodiscard]] std::size_t total() const {
    std::size_t sum = shown_ == 0 ? 0 : (shown_ - 1) * 3;
    for (std::size_t i = 0; i < shown_; ++i) sum += widths_[i];
    return sum;
  }

  // Cuts the widest columns first; what does not fit then is left out from the right.
  void fit(std::size_t width) {
    while (total() > width) {
      const auto widest = std::max_element(widths_.begin(), widths_.end());
      if (*widest <= kNarrowest) break;
      const auto next = [&] {
        std::size_t second = kNarrowest;
        for (const std::size_t each : widths_) {
          if (each < *widest) second = std::max(second, each);
        }
        return second;
      }();
      *widest -= std::min(total() - width, *widest - next);
    }
    while (shown_ > 1 && total() > width) --shown_;
  }

  void append_cell(std::string& out, std::size_t column, std::string_view value, const Rules& rules,
                   bool is_value) const {
    if (column > 0) out += rules.bar;
    const std::string text = fitted(value, widths_[column]);
    const std::size_t blanks = widths_[column] - std::min(widths_[column], display_width(text));
    const bool right = columns_[column].kind == ValueKind::number;
    if (right) out.append(blanks, ' ');
    out += text;
    const bool last = column + 1 == shown_;
    if (!right && !(last && is_value)) out.append(blanks, ' ');
  }

  const std::vector<ResultColumn>& columns_;
  std::vector<std::size_t> widths_;
  std::size_t shown_;
};

// EXPLAIN's answer is a drawing of many lines in one value.
bool is_plan(const std::vector<ResultColumn>& columns) {
  return columns.size() == 2 && columns[0].name == "explain_key" && columns[1].name == "explain_value";
}

Result<std::uint64_t> print_plan(ResultTable& result, OutputStream& out) {
  std::uint64_t rows = 0;
  while (!out.reader_gone()) {
    STACK_TRY_ASSIGN(batch, result.next());
    if (!batch) break;
    for (std::size_t row = 0; row < batch->rows(); ++row, ++rows) {
      out.write(batch->value(row, 1).value_or(""));
      out.write("\n");
    }
  }
  STACK_TRY(out.flush());
  return rows;
}

std::string footer(std::uint64_t rows, std::uint64_t shown_rows, std::size_t columns, std::size_t shown_columns) {
  std::string out = fmt::format("({} row{}", rows, rows == 1 ? "" : "s");
  if (shown_rows < rows) out += fmt::format(", {} shown", shown_rows);
  if (shown_columns < columns) out += fmt::format(", {} of {} columns shown", shown_columns, columns);
  return out + ")\n";
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    // A control character is shown as two: \n.
    if (!continues(c)) width += c >= 0 && c < 0x20 ? 2 : 1;
  }
  return width;
}

std::string fitted(std::string_view text, std::size_t width) {
  std::string plain;
  for (const char c : text) {
    if (c == '\n') {
      plain += "\\n";
    } else if (c == '\r') {
      plain += "\\r";
    } else if (c == '\t') {
      plain += "\\t";
    } else if (c >= 0 && (c < 0x20 || c == 0x7f)) {
      plain += c == 0x7f ? "?" : "\\?";  // never a terminal's control sequence
    } else {
      plain += c;
    }
  }
  if (width == 0 || display_width(plain) <= width) return plain;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < plain.size(); ++end) {
    if (!continues(plain[end]) && ++seen == width) break;
  }
  return plain.substr(0, end) + "…";
}

Result<std::uint64_t> print_table(ResultTable& result, const PrintOptions& options, std::FILE* file) {
  OutputStream out(file);
  if (is_plan(result.columns())) return print_plan(result, out);
  std::vector<RowBatch> first;
  std::size_t held = 0;
  bool ended = false;
  while (held < kRowsLookedAt && !ended) {
    STACK_TRY_ASSIGN(batch, result.next());
    ended = !batch;
    if (batch) held += batch->rows(), first.push_back(*std::move(batch));
  }
  const TableLayout layout(result.columns(), first, options.width);
  const Rules& rules = options.box ? kBox : kAscii;
  std::uint64_t rows = 0;
  std::uint64_t shown = 0;
  std::string text;
  layout.append_head(text, rules);
  const auto print = [&](const RowBatch& batch) {
    for (std::size_t row = 0; row < batch.rows(); ++row, ++rows) {
      if (options.max_rows > 0 && rows >= options.max_rows) continue;
      layout.append_row(text, batch, row, rules);
      ++shown;
    }
    out.write(text);
    text.clear();
  };
  for (const RowBatch& batch : first) print(batch);
  while (!ended && !out.reader_gone()) {
    STACK_TRY(out.check());
    STACK_TRY_ASSIGN(batch, result.next());
    ended = !batch;
    if (batch) print(*batch);
  }
  out.write(text + footer(rows, shown, result.columns().size(), layout.shown()));
  STACK_TRY(out.flush());
  return rows;
}

}  // namespace stack::query
