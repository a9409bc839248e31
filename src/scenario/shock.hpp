// The shocks of a scenario, and which fields each kind of them has: the table that the reader checks files against.
// Thread-safety: plain values and constant data. Never fails.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "market/feed_shape.hpp"

namespace stack::scenario {

enum class Kind : std::uint8_t {
  crash,         // prices fall by `size` over sessions, and come back by `rebound` of the fall
  volatility,    // the logarithms of all moves times `factor`
  gap,           // all prices from a session's open on, by `size`
  volume,        // volumes, or the sizes within a part of the session, times `factor`
  flash_crash,   // a fall and a rebound within a session
  halt,          // no trade for a while, then the reopening auction
  outage,        // no event for a while: they come afterwards, or never
  late,          // events published `delay` later
  out_of_order,  // events published up to `delay` later
  duplicate,     // events published twice
  malformed,     // events whose text is damaged
};

struct Shock {
  Kind kind = Kind::crash;
  std::vector<std::string> symbols;  // empty: all
  // When: the session of a date, or the nth of the feed; neither: all of the feed (faults only).
  std::optional<Date> date;
  std::optional<std::uint32_t> session;  // from 1
  std::uint32_t sessions = 1;
  std::optional<std::int64_t> time;  // local, microseconds after midnight
  std::int64_t duration = 0;         // microseconds, as all of these
  std::int64_t fall = 0;             // of the duration
  std::int64_t delay = 0;
  double size = 0.0;
  double rebound = 0.0;
  std::uint32_t rebound_sessions = 1;
  double factor = 1.0;
  double auction = 1.0;
  double share = 1.0;
  bool drop = false;
  std::vector<market::Malformation> forms;
  // Where the file says so, for errors that show only with a feed.
  std::uint32_t line = 0;
  std::uint32_t symbols_line = 0;
  std::uint32_t when_line = 0;
  std::uint32_t time_line = 0;
};

// How a field is written and what it may hold. Times are texts such as "5m"; LEAST and MOST are seconds for them.
enum class FieldForm : std::uint8_t { text, texts, date, whole, number, time_of_day, time };

struct FieldSpec {
  std::string_view name;
  FieldForm form = FieldForm::text;
  double least = 0.0;
  double most = 0.0;
};

struct KindSpec {
  Kind kind;
  std::string_view name;
  std::vector<std::string_view> required;  // beside `kind`
  std::vector<std::string_view> optional;  // beside `symbols`, `date` and `session`
  bool whole_feed = false;                 // may do without date and session
  FieldSpec size{"size", FieldForm::number, -0.95, 10.0};
  FieldSpec factor{"factor", FieldForm::number, 0.01, 20.0};
};

[[nodiscard]] std::span<const KindSpec> kinds();
[[nodiscard]] const KindSpec& spec_of(Kind kind);
// The form and range of a field of KIND; null: there is no such field.
[[nodiscard]] const FieldSpec* find_field(const KindSpec& kind, std::string_view name);

struct FormName {
  market::Malformation form;
  std::string_view name;
};
[[nodiscard]] std::span<const FormName> malformations();

// All that SHOCK does, as a text: the same for two files that do the same.
[[nodiscard]] std::string identity_of(const Shock& shock);

}  // namespace stack::scenario
