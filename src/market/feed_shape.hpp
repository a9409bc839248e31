// What a scenario makes of a feed, as plain facts that the feed is built from: changed bars, what happens within single
// sessions, and faults of the way from the exchange to the reader.
// Thread-safety: plain values; a FeedShaper is immutable. Failure: FeedShaper::shape returns ErrorKind::usage naming
// file and line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "market/bar.hpp"
#include "market/exchange.hpp"
#include "market/price_grid.hpp"
#include "market/session_clock.hpp"

namespace stack::market {

// UTC microseconds: begin <= time < end.
struct TimeSpan {
  std::int64_t begin = INT64_MIN;
  std::int64_t end = INT64_MAX;
};

// Prices fall (or rise) to 1 + size times their level from begin to bottom, and are back at 1 + size * (1 - rebound)
// times it at end, where they stay for the rest of the session.
struct PriceDip {
  std::int64_t begin = 0;
  std::int64_t bottom = 0;
  std::int64_t end = 0;
  double size = 0.0;  // > -1
  double rebound = 1.0;
};

struct SizeSurge {
  TimeSpan span;
  double factor = 1.0;  // of the sizes
};

// No trade in the pause; the first one behind it, the reopening auction's, has AUCTION times its size.
struct Halt {
  Pause pause;
  double auction = 1.0;
};

// What happens within one session; each list in order of time.
struct SessionShape {
  std::size_t session = 0;  // index of its bar
  std::vector<PriceDip> dips;
  std::vector<SizeSurge> surges;
  std::vector<Halt> halts;
  std::vector<TimeSpan> dropped;  // no event is made in them
};

struct SymbolShape {
  std::vector<Bar> bars;               // as many as before; empty: unchanged
  std::vector<SessionShape> sessions;  // in order; only those in which something happens
};

enum class FaultKind : std::uint8_t {
  hold,          // published when its span ends
  late,          // published by `delay` later
  out_of_order,  // published by a random time up to `delay` later
  duplicate,     // published once more, `delay` later
  malformed,     // its text is damaged
};

// How a text is damaged. None of them is a row to the lake.
enum class Malformation : std::uint8_t { truncated, bad_utf8, wrong_type, empty, not_json };

// The events of one session whose time lies in SPAN.
struct FaultSpan {
  std::size_t symbol = 0;
  std::size_t session = 0;
  TimeSpan span;
};

struct Fault {
  FaultKind kind = FaultKind::late;
  std::uint64_t number = 0;  // makes its choices its own
  double share = 1.0;        // of the events in its spans, 0 to 1
  std::int64_t delay = 0;    // microseconds
  std::vector<Malformation> forms;
  std::vector<FaultSpan> spans;  // in order of symbol and time
};

struct FeedShape {
  std::vector<SymbolShape> symbols;  // one a symbol of the feed
  std::vector<Fault> faults;         // an event meets them in this order
};

// A symbol of the feed as it would be without a shaper.
struct FeedSymbol {
  std::string_view name;
  std::span<const Bar> bars;
  const PriceGrid* grid = nullptr;
  const SessionCalendar* calendar = nullptr;
};

class FeedShaper {
 public:
  virtual ~FeedShaper() = default;
  [[nodiscard]] virtual Result<FeedShape> shape(std::span<const FeedSymbol> symbols) const = 0;
  [[nodiscard]] virtual std::string identity() const = 0;  // all that it does, for the feed's id
};

}  // namespace stack::market
