#include "market/csv_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <limits>

#include "market/csv_text.hpp"
#include "market/json_text.hpp"

namespace stack::market {
namespace {

constexpr std::size_t kAbsent = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kLongestSymbol = 128;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// "digits[.digits]" of at most 17 digits, the form of nearly every field; false for any other.
bool parse_plain(std::string_view text, Decimal& value) {
  if (text.empty() || text.size() > 18) return false;
  std::uint64_t mantissa = 0;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
    if (digit > 9) {
      if (text[i] != '.' || point != text.size()) return false;
      point = i;
      continue;
    }
    mantissa = mantissa * 10 + digit;
  }
  std::size_t scale = point == text.size() ? 0 : text.size() - point - 1;
  if (text.size() == 18 && point == text.size()) return false;
  if (point == 0 || (point != text.size() && scale == 0)) return false;
  while (scale > 0 && mantissa % 10 == 0) {
    mantissa /= 10;
    --scale;
  }
  value = {static_cast<std::int64_t>(mantissa), static_cast<std::int8_t>(scale)};
  return true;
}

bool parse_number(std::string_view text, Decimal& value) {
  if (parse_plain(text, value)) return true;
  const auto parsed = parse_decimal(text);
  if (parsed) value = *parsed;
  return parsed.has_value();
}

// What is quoted of the file must not break the message's line.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text;
}

// Text of the file that a message shows, whole characters only.
std::string shortened(std::string text) {
  constexpr std::size_t kShown = 300;
  if (text.size() <= kShown) return text;
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string not_a_number(std::string_view column, std::string_view text) {
  if (text.empty()) return fmt::format("{} is empty", column);
  return fmt::format("{} is not a finite number of at most 18 digits: '{}'", column, text.substr(0, 40));
}

}  // namespace

Result<void> CsvReader::read() {
  const std::string_view text = dataset_.text_->view();
  std::uint64_t line = 1;
  std::size_t at = 0;
  bool header = true;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    const CsvFields::Extent extent = CsvFields::row_extent(rest);
    const std::string_view row = rest.substr(0, extent.length);
    if (header) {
      if (!trimmed(row).empty()) {
        STACK_TRY(read_header(row, extent.quoted, line));
        header = false;
      }
    } else if (!row.empty()) {
      if (std::string reason = take_row(row, extent.quoted, at); !reason.empty())
        STACK_TRY(reject(line, std::move(reason)));
    }
    line += extent.quoted ? static_cast<std::uint64_t>(std::count(row.begin(), row.end(), '\n')) + 1 : 1;
    at += extent.with_line_end;
  }
  if (header) return fail(ErrorKind::data, fmt::format("{}: is empty", dataset_.name_));
  if (dataset_.row_count_ == 0) {
    if (dataset_.skipped_count_ == 0) return fail(ErrorKind::data, fmt::format("{}: has no rows", dataset_.name_));
    const BadRow& first = dataset_.skipped_.front();
    return fail(ErrorKind::data, fmt::format("{}: all {} rows are bad; the first at {}:{}: {}", dataset_.name_,
                                             dataset_.skipped_count_, dataset_.name_, first.line, first.reason));
  }
  std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a->symbol < b->symbol; });
  for (auto& series : found_)
    if (!series->bars.empty()) dataset_.series_.push_back(std::move(*series));
  return {};
}

Result<void> CsvReader::read_header(std::string_view row, bool quoted, std::uint64_t line) {
  const std::string& file = dataset_.name_;
  const std::string where = fmt::format("{}:{}", file, line);
  if (const auto reason = fields_.split(row, quoted); !reason.empty())
    return fail(ErrorKind::data, fmt::format("{}: in the header, {}", where, reason));
  width_ = fields_.size();
  std::vector<std::string> lower;
  for (std::size_t i = 0; i < width_; ++i) {
    dataset_.columns_.emplace_back(trimmed(fields_[i]));
    lower.push_back(lower_case(dataset_.columns_.back()));
  }
  static constexpr std::array<std::string_view, column_count> kNames{"symbol", "date",  "open",   "high",
                                                                     "low",    "close", "volume", "exchange"};
  const auto place = [&](std::string_view name) -> Result<std::size_t> {
    const auto found = std::find(lower.begin(), lower.end(), name);
    if (found == lower.end()) return kAbsent;
    if (std::find(found + 1, lower.end(), name) != lower.end())
      return fail(ErrorKind::data, fmt::format("{}: the header has the column '{}' twice", where, name));
    return static_cast<std::size_t>(found - lower.begin());
  };
  for (std::size_t c = 0; c < column_count; ++c) {
    STACK_TRY_ASSIGN(index, place(kNames[c]));
    for (const std::string_view other : {"ticker", "index"}) {
      if (c != symbol || index != kAbsent) break;
      STACK_TRY_ASSIGN(alternative, place(other));
      index = alternative;
    }
    if (index == kAbsent && c != exchange) {
      if (row.find('\0') != std::string_view::npos || !is_utf8(row))
        return fail(ErrorKind::data, fmt::format("{}: is no CSV text in UTF-8; name a file of daily bars", file));
      const std::string_view wanted = c == symbol ? "Symbol (or Index, or Ticker)" : kNames[c];
      std::vector<std::string> found = dataset_.columns_;
      if (found.size() > 20) found.resize(20);
      return fail(ErrorKind::data, one_line(fmt::format("{}: no column {} in the header; found: {}", where, wanted,
                                                        shortened(fmt::format("{}", fmt::join(found, ", "))))));
    }
    columns_[c] = index;
  }
  dataset_.symbol_column_ = columns_[symbol];
  dataset_.date_column_ = columns_[date];
  std::copy(&columns_[open], &columns_[volume] + 1, dataset_.value_columns_.begin());
  return {};
}

std::string CsvReader::parse_prices(Bar& bar) const {
  static constexpr std::array<std::string_view, 4> kNames{"Open", "High", "Low", "Close"};
  std::array<Decimal, 4> prices;
  int scale = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string_view text = field(static_cast<Column>(open + i));
    if (!parse_number(text, prices[i])) return not_a_number(kNames[i], text);
    if (prices[i].mantissa <= 0) return fmt::format("{} is not above 0: {}", kNames[i], text);
    scale = std::max<int>(scale, prices[i].scale);
  }
  std::array<std::int64_t, 4> mantissas{};
  for (std::size_t i = 0; i < 4; ++i) {
    // Below 10^16: ten times such a price, its half or its double stay within 63 bits.
    if (__builtin_mul_overflow(prices[i].mantissa, pow10_int(scale - prices[i].scale), &mantissas[i]) ||
        mantissas[i] >= pow10_int(16))
      return fmt::format("the four prices need more than 16 digits");
  }
  bar.scale = static_cast<std::int8_t>(scale);
  bar.open = mantissas[0], bar.high = mantissas[1], bar.low = mantissas[2], bar.close = mantissas[3];
  if (bar.high < bar.low) return fmt::format("High {} is below Low {}", field(high), field(low));
  for (const Column column : {open, close}) {
    const std::int64_t value = column == open ? bar.open : bar.close;
    if (value > bar.high)
      return fmt::format("{} {} is above High {}", kNames[column - open], field(column), field(high));
    if (value < bar.low) return fmt::format("{} {} is below Low {}", kNames[column - open], field(column), field(low));
  }
  return {};
}

Series* CsvReader::series_of(std::string_view name, std::string& reason) {
  if (last_ != nullptr && last_->symbol == name) return last_;
  if (const auto found = by_name_.find(name); found != by_name_.end()) return last_ = found->second;
  if (name.empty()) return reason = "the symbol is empty", nullptr;
  if (name.size() > kLongestSymbol) return reason = "the symbol is longer than 128 bytes", nullptr;
  if (has_control_character(name)) return reason = "the symbol holds a control character", nullptr;
  if (!is_utf8(name)) return reason = "the symbol is not UTF-8", nullptr;
  if (found_.size() >= std::numeric_limits<std::uint16_t>::max()) return reason = "more than 65,535 symbols", nullptr;
  found_.push_back(std::make_unique<Series>());
  last_ = found_.back().get();
  last_->symbol = std::string(name);
  by_name_.emplace(last_->symbol, last_);
  return last_;
}

std::string CsvReader::take_row(std::string_view row, bool quoted, std::uint64_t offset) {
  if (row.size() > CsvFields::kLongestRow) return "the row is longer than 1 MiB";
  if (const auto reason = fields_.split(row, quoted); !reason.empty()) return std::string(reason);
  if (fields_.size() != width_) {
    if (trimmed(row).empty()) return {};
    return fmt::format("{} fields where the header has {}", fields_.size(), width_);
  }
  const auto day = parse_date(field(date));
  if (!day) return fmt::format("Date is not a date YYYY-MM-DD: '{}'", field(date).substr(0, 40));
  Bar bar;
  bar.day = static_cast<std::int32_t>(day->time_since_epoch().count());
  if (std::string reason = parse_prices(bar); !reason.empty()) return reason;
  Decimal shares;
  if (!parse_number(field(volume), shares)) return not_a_number("Volume", field(volume));
  if (shares.mantissa < 0) return fmt::format("Volume is negative: {}", field(volume));
  if (shares.scale != 0) return fmt::format("Volume is not whole: {}", field(volume));
  bar.volume = shares.mantissa;
  bar.row_offset = offset;
  bar.row_length = static_cast<std::uint32_t>(row.size());
  std::string reason;
  Series* series = series_of(trimmed(field(symbol)), reason);
  if (series == nullptr) return reason;
  if (!series->bars.empty() && bar.day <= series->bars.back().day) {
    const bool twice = std::binary_search(series->bars.begin(), series->bars.end(), bar,
                                          [](const Bar& a, const Bar& b) { return a.day < b.day; });
    if (twice) return fmt::format("{} of {} is there twice", field(date), series->symbol);
    return fmt::format("{} of {} comes after {}: dates are not in order", field(date), series->symbol,
                       format_date(series->bars.back().date()));
  }
  if (columns_[exchange] != kAbsent && series->exchange.empty()) series->exchange = trimmed(field(exchange));
  series->bars.push_back(bar);
  ++dataset_.row_count_;
  return {};
}

Result<void> CsvReader::reject(std::uint64_t line, std::string reason) {
  reason = one_line(std::move(reason));
  if (options_.on_bad_row == BadRowPolicy::stop)
    return fail(ErrorKind::data,
                fmt::format("{}:{}: {} (--on-bad-row skip leaves such rows out)", dataset_.name_, line, reason));
  ++dataset_.skipped_count_;
  if (dataset_.skipped_.size() < std::max<std::size_t>(options_.reasons_kept, 1))
    dataset_.skipped_.push_back({line, std::move(reason)});
  return {};
}

}  // namespace stack::market
