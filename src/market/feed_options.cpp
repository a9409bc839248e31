#include "market/feed_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stack::market {

namespace {

constexpr std::array<std::pair<std::string_view, Mode>, 7> kModes = {{{"replay", Mode::replay},
                                                                      {"sample", Mode::sample},
                                                                      {"bootstrap", Mode::bootstrap},
                                                                      {"fhs", Mode::fhs},
                                                                      {"gbm", Mode::gbm},
                                                                      {"heston", Mode::heston},
                                                                      {"jump", Mode::jump}}};

}  // namespace

Result<Mode> parse_mode(std::string_view text) {
  for (const auto& [name, mode] : kModes)
    if (text == name) return mode;
  std::string known;
  for (const auto& [name, mode] : kModes) known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  return fail(ErrorKind::usage, fmt::format("--mode: '{}' is not a mode; there are {}", text, known));
}

std::string_view mode_name(Mode mode) {
  for (const auto& [name, each] : kModes)
    if (each == mode) return name;
  return {};
}

Result<FlatPolicy> parse_flat_policy(std::string_view text) {
  if (text == "one") return FlatPolicy::one;
  if (text == "full") return FlatPolicy::full;
  return fail(ErrorKind::usage, fmt::format("--flat: '{}' is neither one nor full", text));
}

Result<std::vector<TickSize>> parse_tick_sizes(std::string_view text) {
  std::vector<TickSize> sizes;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = item.rfind('=');
    const std::string_view number = equals == std::string_view::npos ? item : item.substr(equals + 1);
    const auto size = parse_decimal(number);
    if (!size || size->mantissa <= 0)
      return fail(ErrorKind::usage, fmt::format("--tick-size: '{}' is not a number above 0", number));
    sizes.push_back({std::string(equals == std::string_view::npos ? "" : item.substr(0, equals)), *size});
  }
  return sizes;
}

std::optional<Decimal> tick_size_of(std::string_view symbol, const std::vector<TickSize>& sizes) {
  std::optional<Decimal> size;
  for (const TickSize& entry : sizes)
    if (entry.symbol == symbol || (entry.symbol.empty() && !size)) size = entry.size;
  return size;
}

Result<void> validate(const FeedOptions& options) {
  if (options.events_per_session < kMinEventsPerSession || options.events_per_session > kMaxEventsPerSession)
    return fail(ErrorKind::usage, fmt::format("--events-per-session: {} is not between {} and {}",
                                              options.events_per_session, kMinEventsPerSession, kMaxEventsPerSession));
  if (options.shaper && options.mode == Mode::sample)
    return fail(ErrorKind::usage, "--scenario: the rows of --mode sample have no time of day; it wants --mode replay");
  if (options.quotes && options.mode == Mode::sample)
    return fail(ErrorKind::usage, "--quotes: --mode sample publishes rows of the data set, which have no quotes");
  if (options.loop && options.mode == Mode::sample)
    return fail(ErrorKind::usage, "--loop: --mode sample goes on for ever by itself");
  if (options.limit == 0U) return fail(ErrorKind::usage, "--limit: 0 events make no feed");
  if (options.from && options.to && *options.to < *options.from)
    return fail(ErrorKind::usage,
                fmt::format("--to {} is before --from {}", format_date(*options.to), format_date(*options.from)));
  for (const ExchangeOverride& entry : options.exchanges)
    if (find_exchange(entry.mic) == nullptr)
      return fail(ErrorKind::usage, fmt::format("--exchange: '{}' is not a known exchange", entry.mic));
  for (const TickSize& entry : options.tick_sizes)
    if (entry.size.mantissa <= 0)
      return fail(ErrorKind::usage, fmt::format("--tick-size: {} is not above 0", format_decimal(entry.size)));
  return {};
}

}  // namespace stack::market
