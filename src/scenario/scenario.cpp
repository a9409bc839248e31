#include "scenario/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/nearest_name.hpp"
#include "scenario/scenario_file.hpp"
#include "scenario/shocked_bars.hpp"

namespace stack::scenario {
namespace {

using market::Bar;
using market::FeedShape;
using market::FeedSymbol;
using market::SessionShape;
using market::TimeSpan;

std::string day_text(std::int32_t day) { return format_date(Date{std::chrono::days{day}}); }

// All dates on which any symbol has a session.
std::vector<std::int32_t> days_of(std::span<const FeedSymbol> symbols) {
  std::vector<std::int32_t> days;
  for (const FeedSymbol& symbol : symbols)
    for (const Bar& bar : symbol.bars) days.push_back(bar.day);
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

// Of whole sessions, which change the bars.
bool changes_bars(const Shock& shock) {
  switch (shock.kind) {
    case Kind::crash:
    case Kind::volatility:
    case Kind::gap:
    case Kind::flash_crash:
      return true;
    case Kind::volume:
      return !shock.time.has_value();
    default:
      return false;
  }
}

std::optional<market::FaultKind> fault_kind(const Shock& shock) {
  switch (shock.kind) {
    case Kind::outage:
      return shock.drop ? std::nullopt : std::optional{market::FaultKind::hold};
    case Kind::late:
      return market::FaultKind::late;
    case Kind::out_of_order:
      return market::FaultKind::out_of_order;
    case Kind::duplicate:
      return market::FaultKind::duplicate;
    case Kind::malformed:
      return market::FaultKind::malformed;
    default:
      return std::nullopt;
  }
}

}  // namespace

// Finds the sessions of a feed that each shock is about.
class Scenario::Placing {
 public:
  Placing(const Scenario& scenario, std::span<const FeedSymbol> symbols)
      : scenario_(scenario), symbols_(symbols), days_(days_of(symbols)), bar_shocks_(symbols.size()) {
    shape_.symbols.resize(symbols.size());
  }

  Result<FeedShape> place() {
    for (std::size_t i = 0; i < scenario_.shocks_.size(); ++i) {
      const Shock& shock = scenario_.shocks_[i];
      STACK_TRY_ASSIGN(chosen, chosen_symbols(shock));
      STACK_TRY_ASSIGN(days, days_with(shock));
      if (changes_bars(shock)) STACK_TRY(place_on_bars(shock, chosen, days));
      if (!changes_bars(shock) || shock.kind == Kind::flash_crash) STACK_TRY(place_in_sessions(shock, i, chosen, days));
    }
    for (std::size_t s = 0; s < symbols_.size(); ++s) STACK_TRY(change_bars(s));
    return std::move(shape_);
  }

 private:
  struct Days {  // first <= day <= last
    std::int32_t first = INT32_MIN;
    std::int32_t last = INT32_MAX;
  };

  std::unexpected<Error> wrong(std::uint32_t line, std::string message) const {
    return fail(ErrorKind::usage, fmt::format("{}:{}: {}", scenario_.name_, line, message));
  }

  Result<std::vector<std::size_t>> chosen_symbols(const Shock& shock) const {
    std::vector<std::size_t> chosen;
    std::vector<std::string_view> names;
    for (std::size_t s = 0; s < symbols_.size(); ++s) {
      names.push_back(symbols_[s].name);
      const bool named = std::ranges::find(shock.symbols, symbols_[s].name) != shock.symbols.end();
      if (shock.symbols.empty() || named) chosen.push_back(s);
    }
    for (const std::string& symbol : shock.symbols) {
      if (std::ranges::find(names, std::string_view{symbol}) != names.end()) continue;
      const auto nearest = nearest_name(std::string_view{symbol}.substr(0, 100), names);
      if (!nearest.empty())
        return wrong(shock.symbols_line,
                     fmt::format("symbol \"{}\" is not in the feed; did you mean {}?", symbol, nearest));
      names.resize(std::min<std::size_t>(names.size(), 10));
      return wrong(shock.symbols_line,
                   fmt::format("symbol \"{}\" is not in the feed, which has {}", symbol, fmt::join(names, ", ")));
    }
    return chosen;
  }

  // The dates from the shock's first session on.
  Result<Days> days_with(const Shock& shock) const {
    std::size_t first = 0;
    if (shock.session) {
      first = *shock.session - 1;
      if (first >= days_.size())
        return wrong(shock.when_line,
                     fmt::format("session {} is behind the feed's end: it has {} sessions, {} to {}", *shock.session,
                                 days_.size(), day_text(days_.front()), day_text(days_.back())));
    } else if (shock.date) {
      const auto day = static_cast<std::int32_t>(shock.date->time_since_epoch().count());
      const auto found = std::lower_bound(days_.begin(), days_.end(), day);
      if (day < days_.front() || found == days_.end())
        return wrong(shock.when_line, fmt::format("{} is outside the feed, which goes from {} to {}", day_text(day),
                                                  day_text(days_.front()), day_text(days_.back())));
      if (*found != day)
        return wrong(shock.when_line, fmt::format("{} is no session of the feed; the next ones are {} and {}",
                                                  day_text(day), day_text(*(found - 1)), day_text(*found)));
      first = static_cast<std::size_t>(found - days_.begin());
    } else {
      return Days{};
    }
    const std::size_t last = std::min<std::size_t>(days_.size() - 1, first + shock.sessions - 1);
    return Days{days_[first], days_[last]};
  }

  // From each symbol's first session at or behind the date on.
  Result<void> place_on_bars(const Shock& shock, const std::vector<std::size_t>& chosen, const Days& days) {
    bool placed = false;
    for (const std::size_t s : chosen) {
      const auto bars = symbols_[s].bars;
      const auto found = std::ranges::lower_bound(bars, days.first, {}, &Bar::day);
      if (found == bars.end() || bars.front().day > days.first) continue;  // over, or not yet begun
      if (shock.kind == Kind::flash_crash && found->day != days.first) continue;
      bar_shocks_[s].push_back({&shock, static_cast<std::size_t>(found - bars.begin())});
      placed = true;
    }
    if (placed) return {};
    return wrong(shock.when_line, fmt::format("none of its symbols has a session on {}", day_text(days.first)));
  }

  Result<void> place_in_sessions(const Shock& shock, std::size_t number, const std::vector<std::size_t>& chosen,
                                 const Days& days) {
    market::Fault fault;
    if (const auto kind = fault_kind(shock)) fault = {*kind, number, shock.share, shock.delay, shock.forms, {}};
    bool has_session = false;
    bool placed = false;
    for (const std::size_t s : chosen) {
      const auto bars = symbols_[s].bars;
      for (auto bar = std::ranges::lower_bound(bars, days.first, {}, &Bar::day);
           bar != bars.end() && bar->day <= days.last; ++bar) {
        has_session = true;
        const auto session = static_cast<std::size_t>(bar - bars.begin());
        STACK_TRY_ASSIGN(span, span_of(shock, symbols_[s], *bar));
        if (!span) continue;
        placed = true;
        if (fault_kind(shock))
          fault.spans.push_back({s, session, *span});
        else
          place_in_session(shock, *span, session_shape(s, session));
      }
    }
    if (!has_session)
      return wrong(shock.when_line, fmt::format("none of its symbols has a session on {}", day_text(days.first)));
    if (!placed) return wrong(shock.time_line, "time: none of its symbols is traded then (times are local)");
    if (fault_kind(shock)) shape_.faults.push_back(std::move(fault));
    return {};
  }

  // The shock's part of a session in UTC; none: it lies outside the hours of trade.
  Result<std::optional<TimeSpan>> span_of(const Shock& shock, const FeedSymbol& symbol, const Bar& bar) const {
    if (!shock.time) return TimeSpan{};
    const market::SessionWindow window = symbol.calendar->window(bar.day);
    const std::int64_t begin = symbol.calendar->instant(bar.day, *shock.time);
    const TimeSpan span{begin, begin + shock.duration};
    if (span.end <= window.open || span.begin >= window.close) return std::nullopt;
    const bool wants_all = shock.kind == Kind::flash_crash || shock.kind == Kind::halt;
    const bool ends_early = shock.kind == Kind::halt ? span.end < window.close : span.end <= window.close;
    if (wants_all && (span.begin < window.open || !ends_early)) {
      const auto local = [&](std::int64_t time) {
        return format_micros(Micros{std::chrono::microseconds{time - begin + *shock.time}}).substr(11, 5);
      };
      return wrong(shock.time_line,
                   fmt::format("a {} lies within the session, and that of {} on {} goes from {} to {}: choose "
                               "another time or duration, or the symbols that it is for (symbols = [\"A\", \"B\"])",
                               spec_of(shock.kind).name, symbol.name, day_text(bar.day), local(window.open),
                               local(window.close)));
    }
    return span;
  }

  SessionShape& session_shape(std::size_t s, std::size_t session) {
    auto& shapes = shape_.symbols[s].sessions;
    const auto at = std::ranges::lower_bound(shapes, session, {}, &SessionShape::session);
    if (at != shapes.end() && at->session == session) return *at;
    SessionShape shape;
    shape.session = session;
    return *shapes.insert(at, std::move(shape));
  }

  static void place_in_session(const Shock& shock, const TimeSpan& span, SessionShape& shape) {
    switch (shock.kind) {
      case Kind::flash_crash:
        shape.dips.push_back({span.begin, span.begin + shock.fall, span.end, shock.size, shock.rebound});
        break;
      case Kind::halt:
        shape.halts.push_back({{span.begin, span.end}, shock.auction});
        break;
      case Kind::volume:
        shape.surges.push_back({span, shock.factor});
        break;
      default:  // an outage whose events are dropped
        shape.dropped.push_back(span);
        std::ranges::sort(shape.dropped, {}, &TimeSpan::begin);
        break;
    }
  }

  Result<void> change_bars(std::size_t s) {
    auto shocked = shocked_bars(symbols_[s].bars, *symbols_[s].grid, bar_shocks_[s]);
    if (shocked.out_of_range)
      return wrong(bar_shocks_[s].front().shock->line,
                   fmt::format("the shocks together take {} out of all range on {}", symbols_[s].name,
                               day_text(symbols_[s].bars[*shocked.out_of_range].day)));
    shape_.symbols[s].bars = std::move(shocked.bars);
    return {};
  }

  const Scenario& scenario_;
  std::span<const FeedSymbol> symbols_;
  std::vector<std::int32_t> days_;
  std::vector<std::vector<BarShock>> bar_shocks_;  // of each symbol
  FeedShape shape_;
};

Result<std::shared_ptr<const Scenario>> Scenario::load(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || in.bad())
    return fail(ErrorKind::usage, fmt::format("--scenario: {} cannot be read; name a TOML file of shocks", path));
  return parse(text.str(), path);
}

Result<std::shared_ptr<const Scenario>> Scenario::parse(std::string_view text, std::string name) {
  STACK_TRY_ASSIGN(shocks, parse_shocks(text, name));
  return std::shared_ptr<const Scenario>(new Scenario(std::move(name), std::move(shocks)));
}

Result<FeedShape> Scenario::shape(std::span<const FeedSymbol> symbols) const { return Placing(*this, symbols).place(); }

std::string Scenario::identity() const {
  std::string text;
  for (const Shock& shock : shocks_) text += identity_of(shock);
  return text;
}

}  // namespace stack::scenario
