// A file of ticks as typed columns, in the order of symbol, event_time and seq: what a Parquet file of them is written
// from. Ticks come in the order of time, so they are dealt out by symbol rather than sorted, and no general reader of
// JSON has to look at them.
// Thread-safety: one thread at a time. Failure: ErrorKind::storage for a file that cannot be read; ::internal for a
// line that is no tick in exactly the event contract's form.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.hpp"

namespace stack::lake {

class TickRows {
 public:
  struct Row {
    std::int64_t event_time;  // microseconds since 1970
    std::int64_t seq;
    double price;
    std::int64_t size;
    std::int32_t session_date;  // days since 1970
    std::uint32_t symbol;       // index into symbols_
  };
  struct Quote {
    double bid = 0;
    double ask = 0;
    bool given = false;
  };

  // Of JSON lines that are ticks, about EXPECTED of them. QUOTED: with the columns quoted_tick_columns(), null in a
  // tick without a quote, else tick_columns().
  [[nodiscard]] static Result<TickRows> read(const std::filesystem::path& json_lines, std::size_t expected,
                                             bool quoted);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool quoted() const { return quoted_; }
  // The I-th in order.
  [[nodiscard]] const Row& row(std::size_t i) const { return rows_[order_[i]]; }
  [[nodiscard]] const Quote& quote(std::size_t i) const { return quotes_[order_[i]]; }
  [[nodiscard]] const std::string& symbol(std::uint32_t number) const { return symbols_[number]; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  [[nodiscard]] bool add(std::string_view line);
  [[nodiscard]] std::uint32_t number_of(std::string_view symbol);
  void put_in_order();

  std::vector<Row> rows_;
  bool quoted_ = false;
  std::vector<Quote> quotes_;         // one a row when quoted
  std::vector<std::uint32_t> order_;  // indices into rows_
  std::vector<std::string> symbols_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> numbers_;
  std::string latest_date_;
  std::int32_t latest_day_ = 0;
};

}  // namespace stack::lake
