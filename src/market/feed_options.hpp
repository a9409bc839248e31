// What shapes a feed, as the command line gives it. Thread-safety: plain values.
// Failure: ErrorKind::usage, naming the option.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/arrivals.hpp"
#include "market/decimal.hpp"
#include "market/exchange.hpp"
#include "market/feed_shape.hpp"

namespace stack::market {

enum class Mode { replay, sample, bootstrap, fhs, gbm, heston, jump };
enum class FlatPolicy { one, full };  // events of a bar that is flat and has no volume: one, or as many as any other

[[nodiscard]] Result<Mode> parse_mode(std::string_view text);
[[nodiscard]] std::string_view mode_name(Mode mode);
// Whether the bars are those of a model fitted on the history.
[[nodiscard]] constexpr bool is_model(Mode mode) { return mode != Mode::replay && mode != Mode::sample; }
[[nodiscard]] Result<FlatPolicy> parse_flat_policy(std::string_view text);

// "--tick-size 0.25" (symbol empty: all) or "--tick-size SYM=0.25,SYM2=1"
struct TickSize {
  std::string symbol;
  Decimal size;
};
[[nodiscard]] Result<std::vector<TickSize>> parse_tick_sizes(std::string_view text);
// What SIZES say of SYMBOL: an entry of its own, else the one for all.
[[nodiscard]] std::optional<Decimal> tick_size_of(std::string_view symbol, const std::vector<TickSize>& sizes);

inline constexpr std::uint32_t kMinEventsPerSession = 4;
inline constexpr std::uint32_t kMaxEventsPerSession = 10'000'000;
inline constexpr std::uint32_t kDefaultEventsPerSession = 390;

struct FeedOptions {
  Mode mode = Mode::replay;
  std::vector<std::string> symbols;            // --symbols; empty: all
  std::optional<Date> from;                    // --from, inclusive
  std::optional<Date> to;                      // --to, inclusive
  std::optional<std::uint32_t> last_sessions;  // the last N dates of the selection (`produce` without --from: 5)
  std::uint64_t seed = 1;                      // --seed
  std::uint32_t events_per_session = kDefaultEventsPerSession;
  FlatPolicy flat = FlatPolicy::one;
  Arrivals arrivals = Arrivals::poisson;  // --arrivals
  bool quotes = false;                    // --quotes: a bid and an ask with each tick
  std::optional<std::uint64_t> limit;     // --limit, events of the whole feed
  bool loop = false;                      // --loop: again from its start when it ends; seq goes on
  std::vector<TickSize> tick_sizes;
  std::vector<ExchangeOverride> exchanges;
  std::shared_ptr<const FeedShaper> shaper;  // --scenario; none: the feed as the bars give it
};

[[nodiscard]] Result<void> validate(const FeedOptions& options);

}  // namespace stack::market
