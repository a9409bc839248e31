#include "market/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "market/hash128.hpp"

namespace stack::market {
namespace {

// Edits that turn A into B, letters of either case alike: for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({change, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

std::unexpected<Error> unknown_symbol(const Dataset& dataset, const std::string& symbol) {
  std::vector<std::pair<std::size_t, std::string_view>> known;
  for (const Series& series : dataset.series())
    known.emplace_back(edit_distance(symbol.substr(0, 200), series.symbol), series.symbol);
  std::stable_sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const auto& entry : known) names.push_back(entry.second);
  constexpr std::size_t kShown = 20;
  const std::size_t hidden = names.size() > kShown ? names.size() - kShown : 0;
  names.resize(names.size() - hidden);
  return fail(ErrorKind::usage,
              fmt::format("--symbols: '{}' is not in {}; it has {}{}", symbol, dataset.name(), fmt::join(names, ", "),
                          hidden > 0 ? fmt::format(" and {} more", hidden) : ""));
}

// Where the last N distinct dates of SLICES begin.
std::int32_t start_of_last(const std::vector<SeriesSlice>& slices, std::uint32_t n) {
  std::vector<std::int32_t> days;
  for (const SeriesSlice& slice : slices)
    for (const Bar& bar : slice.bars.last(std::min<std::size_t>(n, slice.bars.size()))) days.push_back(bar.day);
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days[days.size() - std::min<std::size_t>(n, days.size())];
}

void keep_since(std::vector<SeriesSlice>& slices, std::int32_t day) {
  for (SeriesSlice& slice : slices) {
    const auto first = std::lower_bound(slice.bars.begin(), slice.bars.end(), day,
                                        [](const Bar& bar, std::int32_t d) { return bar.day < d; });
    slice.bars = slice.bars.subspan(static_cast<std::size_t>(first - slice.bars.begin()));
  }
  std::erase_if(slices, [](const SeriesSlice& slice) { return slice.bars.empty(); });
}

void keep_until(std::vector<SeriesSlice>& slices, std::int32_t day) {
  for (SeriesSlice& slice : slices) {
    const auto end = std::upper_bound(slice.bars.begin(), slice.bars.end(), day,
                                      [](std::int32_t d, const Bar& bar) { return d < bar.day; });
    slice.bars = slice.bars.first(static_cast<std::size_t>(end - slice.bars.begin()));
  }
  std::erase_if(slices, [](const SeriesSlice& slice) { return slice.bars.empty(); });
}

std::int32_t day_of(Date date) { return static_cast<std::int32_t>(date.time_since_epoch().count()); }

void find_bounds(Selection& selection) {
  for (const SeriesSlice& slice : selection.slices) {
    const bool begins = selection.bar_count == 0;
    selection.first = begins ? slice.bars.front().date() : std::min(selection.first, slice.bars.front().date());
    selection.last = begins ? slice.bars.back().date() : std::max(selection.last, slice.bars.back().date());
    selection.bar_count += slice.bars.size();
  }
}

}  // namespace

Result<Selection> select(std::shared_ptr<const Dataset> dataset, const SelectionRequest& request) {
  if (request.from && request.to && *request.to < *request.from)
    return fail(ErrorKind::usage,
                fmt::format("--to {} is before --from {}", format_date(*request.to), format_date(*request.from)));
  if (request.last_sessions == 0U) return fail(ErrorKind::usage, "the number of last sessions is 0");
  const auto all = dataset->series();
  Selection selection;
  if (request.symbols.empty()) {
    for (const Series& series : all) selection.slices.push_back({&series, series.bars});
  }
  for (const std::string& symbol : request.symbols) {
    const auto found = std::lower_bound(all.begin(), all.end(), symbol,
                                        [](const Series& s, const std::string& n) { return s.symbol < n; });
    if (found == all.end() || found->symbol != symbol) return unknown_symbol(*dataset, symbol);
    selection.slices.push_back({&*found, found->bars});
  }
  const auto by_name = [](const SeriesSlice& a, const SeriesSlice& b) { return a.series->symbol < b.series->symbol; };
  std::sort(selection.slices.begin(), selection.slices.end(), by_name);
  const auto same = [](const SeriesSlice& a, const SeriesSlice& b) { return a.series == b.series; };
  selection.slices.erase(std::unique(selection.slices.begin(), selection.slices.end(), same), selection.slices.end());
  Selection whole;
  whole.slices = selection.slices;
  find_bounds(whole);
  if (request.from) keep_since(selection.slices, day_of(*request.from));
  if (request.to) keep_until(selection.slices, day_of(*request.to));
  if (selection.slices.empty()) {
    return fail(ErrorKind::usage, fmt::format("--from {} --to {} selects nothing of {}: the data go from {} to {}",
                                              request.from ? format_date(*request.from) : "(start)",
                                              request.to ? format_date(*request.to) : "(end)", dataset->name(),
                                              format_date(whole.first), format_date(whole.last)));
  }
  if (request.last_sessions) keep_since(selection.slices, start_of_last(selection.slices, *request.last_sessions));
  find_bounds(selection);
  selection.dataset = std::move(dataset);
  return selection;
}

std::array<std::uint64_t, 2> content_hash(const Selection& selection) {
  Hash128 hash;
  for (const SeriesSlice& slice : selection.slices) {
    hash.add(slice.series->symbol);
    hash.add(slice.bars.size());
    for (const Bar& bar : slice.bars) {
      hash.add((static_cast<std::uint64_t>(static_cast<std::uint32_t>(bar.day)) << 8) |
               static_cast<std::uint8_t>(bar.scale));
      for (const std::int64_t value : {bar.open, bar.high, bar.low, bar.close, bar.volume})
        hash.add(static_cast<std::uint64_t>(value));
    }
  }
  return hash.value();
}

std::array<std::uint64_t, 2> row_text_hash(const Selection& selection) {
  Hash128 hash;
  for (const std::string& column : selection.dataset->columns()) hash.add(column);
  for (const SeriesSlice& slice : selection.slices)
    for (const Bar& bar : slice.bars) hash.add(selection.dataset->row_text(bar));
  return hash.value();
}

}  // namespace stack::market
