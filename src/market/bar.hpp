// One symbol's history: daily bars with exact prices. Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "market/decimal.hpp"

namespace stack::market {

// One day of one symbol. The four prices share one scale: price = mantissa * 10^-scale.
struct Bar {
  std::int64_t open = 0;
  std::int64_t high = 0;
  std::int64_t low = 0;
  std::int64_t close = 0;
  std::int64_t volume = 0;       // whole, >= 0
  std::uint64_t row_offset = 0;  // where the row's own text stands in the data set (Dataset::row_text)
  std::uint32_t row_length = 0;
  std::int32_t day = 0;   // days since 1970-01-01
  std::int8_t scale = 0;  // of the four prices

  [[nodiscard]] Date date() const { return Date{std::chrono::days{day}}; }
  [[nodiscard]] bool is_flat() const { return high == low; }
  [[nodiscard]] Decimal price(std::int64_t mantissa) const;  // normalised, e.g. price(bar.open)
};

// All bars of one symbol, in order of date, each date once.
struct Series {
  std::string symbol;
  std::string exchange;  // of the Exchange column, else empty
  std::vector<Bar> bars;
};

}  // namespace stack::market
