#include "model/adjustments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>

#include "market/csv_fields.hpp"
#include "market/decimal.hpp"

namespace stack::model {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool is_adjusted_close(std::string_view column) {
  std::string name = lower_case(column);
  std::erase_if(name, [](char c) { return c == ' ' || c == '_' || c == '-' || c == '.'; });
  return name == "adjclose" || name == "adjustedclose";
}

// The row's field as a price above 0.
std::optional<double> price_in(market::CsvFields& fields, std::string_view row, std::size_t column) {
  const bool quoted = row.find('"') != std::string_view::npos;
  if (!fields.split(row, quoted).empty() || column >= fields.size()) return std::nullopt;
  const auto price = market::parse_decimal(market::trimmed(fields[column]));
  if (!price || price->mantissa <= 0) return std::nullopt;
  return market::to_double(*price);
}

double close_of(const market::Bar& bar) {
  return static_cast<double>(bar.close) / static_cast<double>(market::pow10_int(bar.scale));
}

// "2", "0.1", "2:1", "1:10"
std::optional<double> ratio_in(std::string_view text) {
  const auto colon = text.find(':');
  const auto above = market::parse_decimal(market::trimmed(text.substr(0, colon)));
  if (!above || above->mantissa <= 0) return std::nullopt;
  if (colon == std::string_view::npos) return market::to_double(*above);
  const auto below = market::parse_decimal(market::trimmed(text.substr(colon + 1)));
  if (!below || below->mantissa <= 0) return std::nullopt;
  return market::to_double(*above) / market::to_double(*below);
}

enum Column : std::size_t { symbol, date, ratio, column_count };
constexpr std::array<std::string_view, column_count> kColumns = {"symbol", "date", "ratio"};

Result<std::array<std::size_t, column_count>> split_columns(const market::CsvFields& header, const std::string& where) {
  std::array<std::size_t, column_count> places{};
  for (std::size_t c = 0; c < column_count; ++c) {
    std::size_t place = 0;
    while (place < header.size() && lower_case(market::trimmed(header[place])) != kColumns[c]) ++place;
    if (place == header.size())
      return fail(
          ErrorKind::data,
          fmt::format("{}: a table of splits has the columns symbol,date,ratio; there is no {}", where, kColumns[c]));
    places[c] = place;
  }
  return places;
}

Result<Split> split_in(const market::CsvFields& fields, const std::array<std::size_t, column_count>& places,
                       const market::Dataset& dataset, const std::string& where) {
  const auto field = [&](Column column) { return market::trimmed(fields[places[column]]); };
  Split split;
  split.symbol = field(symbol);
  const auto& known = dataset.series();
  if (std::ranges::find(known, split.symbol, &market::Series::symbol) == known.end())
    return fail(ErrorKind::data, fmt::format("{}: '{}' is no symbol of {}", where, split.symbol, dataset.name()));
  const auto day = parse_date(field(date));
  if (!day) return fail(ErrorKind::data, fmt::format("{}: '{}' is no date, as 2005-02-28 is", where, field(date)));
  split.date = *day;
  const auto value = ratio_in(field(ratio));
  if (!value)
    return fail(ErrorKind::data, fmt::format("{}: '{}' is no ratio of a split, as 2 or 2:1 is", where, field(ratio)));
  split.ratio = *value;
  return split;
}

}  // namespace

Result<Adjustments> adjusted_close_factors(const market::Selection& selection) {
  const auto& columns = selection.dataset->columns();
  const auto found = std::ranges::find_if(columns, is_adjusted_close);
  if (found == columns.end()) return Adjustments{};
  const auto column = static_cast<std::size_t>(found - columns.begin());
  Adjustments factors;
  market::CsvFields fields;
  for (const auto& slice : selection.slices) {
    auto& of_slice = factors.emplace_back();
    of_slice.reserve(slice.bars.size());
    for (const auto& bar : slice.bars) {
      const auto price = price_in(fields, selection.dataset->row_text(bar), column);
      if (!price)
        return fail(ErrorKind::data,
                    fmt::format("{}: {} of {} on {} is no price above 0; mend it, or leave the column "
                                "out",
                                selection.dataset->name(), *found, slice.series->symbol, format_date(bar.date())));
      of_slice.push_back(*price / close_of(bar));
    }
  }
  return factors;
}

Result<std::vector<Split>> parse_splits(const std::string& name, const std::string& content,
                                        const market::Dataset& dataset) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view rest = content;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  std::vector<Split> splits;
  std::optional<std::array<std::size_t, column_count>> places;
  market::CsvFields fields;
  std::size_t width = 0;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const auto extent = market::CsvFields::row_extent(rest);
    const auto row = rest.substr(0, extent.length);
    rest.remove_prefix(extent.with_line_end);
    if (market::trimmed(row).empty()) continue;
    const auto where = fmt::format("{}:{}", name, line);
    if (const auto reason = fields.split(row, extent.quoted); !reason.empty())
      return fail(ErrorKind::data, fmt::format("{}: {}", where, reason));
    if (!places) {
      STACK_TRY_ASSIGN(found, split_columns(fields, where));
      places = found;
      width = fields.size();
      continue;
    }
    if (fields.size() != width)
      return fail(ErrorKind::data, fmt::format("{}: {} fields where the header has {}", where, fields.size(), width));
    STACK_TRY_ASSIGN(split, split_in(fields, *places, dataset, where));
    split.where = where;
    splits.push_back(std::move(split));
  }
  if (!places) return fail(ErrorKind::data, fmt::format("{}: is empty; its header is symbol,date,ratio", name));
  return splits;
}

Result<std::vector<Split>> read_splits(const std::string& path, const market::Dataset& dataset) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return fail(ErrorKind::data, fmt::format("--splits: {} cannot be read", path));
  return parse_splits(path, content, dataset);
}

Result<void> apply_splits(const market::Selection& selection, const std::vector<Split>& splits,
                          Adjustments& adjustments) {
  adjustments.resize(selection.slices.size());
  for (std::size_t s = 0; s < selection.slices.size(); ++s) {
    const auto& slice = selection.slices[s];
    auto& factors = adjustments[s];
    for (const auto& split : splits) {
      if (split.symbol != slice.series->symbol) continue;
      const auto after = std::ranges::find_if(slice.bars, [&](const auto& bar) { return bar.date() >= split.date; });
      if (after == slice.bars.begin() || after == slice.bars.end()) continue;
      if (factors.empty()) factors.assign(slice.bars.size(), 1.0);
      const auto first = static_cast<std::size_t>(after - slice.bars.begin());
      const double growth =
          close_of(slice.bars[first]) * factors[first] / (close_of(slice.bars[first - 1]) * factors[first - 1]);
      if (std::abs(std::log(growth * split.ratio)) >= std::abs(std::log(growth)))
        return fail(ErrorKind::data,
                    fmt::format("{}: {} moves by {:+.1f} % on {}, which {} new shares for an old one do not explain; "
                                "the ratio is new:old, the date the first day after the split, and closes that are "
                                "adjusted already (Adj Close) want no table",
                                split.where, split.symbol, 100.0 * (growth - 1.0),
                                format_date(slice.bars[first].date()), split.ratio));
      for (std::size_t i = 0; i < first; ++i) factors[i] /= split.ratio;
    }
  }
  return {};
}

std::vector<std::string> large_move_warnings(const market::Selection& selection, const Adjustments& adjustments) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> lines;
  std::size_t found = 0;
  for (std::size_t s = 0; s < selection.slices.size(); ++s) {
    const auto& slice = selection.slices[s];
    const auto adjusted = [&](std::size_t i) {
      return close_of(slice.bars[i]) * (adjustments.empty() || adjustments[s].empty() ? 1.0 : adjustments[s][i]);
    };
    for (std::size_t i = 1; i < slice.bars.size(); ++i) {
      const double move = adjusted(i) / adjusted(i - 1) - 1.0;
      if (std::abs(move) <= kLargeMove || ++found > kShown) continue;
      lines.push_back(fmt::format("{} moves by {:+.1f} % on {}", slice.series->symbol, 100.0 * move,
                                  format_date(slice.bars[i].date())));
    }
  }
  if (found > kShown)
    lines.push_back(fmt::format("and {} more moves above {:.0f} %", found - kShown, 100 * kLargeMove));
  if (found > 0)
    lines.emplace_back("if such a move is a split, tell it with --splits FILE, a table of symbol,date,ratio");
  return lines;
}

}  // namespace stack::model
