// The part of a data set that a feed is made from: chosen symbols, chosen dates.
// Thread-safety: immutable; keeps its data set alive.
// Failure: an unknown symbol (the known ones are named, nearest first) or dates that select nothing: ErrorKind::usage.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "market/dataset.hpp"

namespace stack::market {

struct SelectionRequest {
  std::vector<std::string> symbols;            // empty: all of them
  std::optional<Date> from;                    // inclusive
  std::optional<Date> to;                      // inclusive
  std::optional<std::uint32_t> last_sessions;  // only the last N distinct dates of what the others select
};

struct SeriesSlice {
  const Series* series = nullptr;
  std::span<const Bar> bars;  // never empty
};

struct Selection {
  std::shared_ptr<const Dataset> dataset;
  std::vector<SeriesSlice> slices;  // in order of symbol (bytes of its name)
  Date first{};                     // first and last date over all slices
  Date last{};
  std::uint64_t bar_count = 0;
};

[[nodiscard]] Result<Selection> select(std::shared_ptr<const Dataset> dataset, const SelectionRequest& request);

// 128 bits over the selected bars as values (symbols, dates, prices, volumes), whatever their order in the file.
[[nodiscard]] std::array<std::uint64_t, 2> content_hash(const Selection& selection);
// The same over the selected rows' own text and the header (for what publishes rows as they are).
[[nodiscard]] std::array<std::uint64_t, 2> row_text_hash(const Selection& selection);

}  // namespace stack::market
