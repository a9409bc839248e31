#include "lake/tick_rows.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "core/time.hpp"
#include "core/unique_fd.hpp"
#include "lake/posix_error.hpp"
#include "lake/tick_line.hpp"

namespace stack::lake {
namespace {

constexpr std::size_t kPiece = 1U << 20;

std::int32_t days_of(std::string_view date) {
  return static_cast<std::int32_t>(parse_date(date).value().time_since_epoch().count());
}

double number_in(std::string_view decimal) {
  double number = 0;
  std::from_chars(decimal.data(), decimal.data() + decimal.size(), number);
  return number;
}

// Microseconds since midnight of "HH:MM:SS.uuuuuu".
std::int64_t micros_of_day(std::string_view time) {
  const auto number = [&](std::size_t at, std::size_t digits) {
    std::int64_t value = 0;
    for (const char c : time.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
  };
  return ((number(0, 2) * 60 + number(3, 2)) * 60 + number(6, 2)) * 1'000'000 + number(9, 6);
}

}  // namespace

Result<TickRows> TickRows::read(const std::filesystem::path& json_lines, std::size_t expected, bool quoted) {
  TickRows ticks;
  ticks.quoted_ = quoted;
  ticks.rows_.reserve(expected);
  if (quoted) ticks.quotes_.reserve(expected);
  const UniqueFd fd(::open(json_lines.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return storage_error("read", json_lines, errno);
  std::string text;  // what was read and not yet taken
  std::size_t n = kPiece;
  while (n > 0) {
    const std::size_t left = text.size();
    text.resize(left + kPiece);
    ssize_t got = 0;
    do {
      got = ::read(fd.get(), text.data() + left, kPiece);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return storage_error("read", json_lines, errno);
    n = static_cast<std::size_t>(got);
    text.resize(left + n);
    std::string_view rest = text;
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      if (!ticks.add(rest.substr(0, end)))
        return fail(ErrorKind::internal, fmt::format("{}: a line that is no tick", json_lines.native()));
      rest.remove_prefix(end + 1);
    }
    text.erase(0, text.size() - rest.size());
  }
  ticks.put_in_order();
  return ticks;
}

bool TickRows::add(std::string_view line) {
  TickLine tick;
  if (!parse_tick_line(line, tick)) return false;
  if (tick.session_date != latest_date_) {
    latest_date_ = tick.session_date;
    latest_day_ = days_of(tick.session_date);
  }
  const std::string_view event_date = tick.event_time.substr(0, 10);
  const std::int64_t event_day = event_date == latest_date_ ? latest_day_ : days_of(event_date);
  constexpr std::int64_t kDay = 86'400'000'000;
  Row row{.event_time = event_day * kDay + micros_of_day(tick.event_time.substr(11)),
          .seq = tick.seq,
          .price = 0,
          .size = tick.size,
          .session_date = latest_day_,
          .symbol = number_of(tick.symbol)};
  row.price = number_in(tick.price);
  rows_.push_back(row);
  if (quoted_) quotes_.push_back(Quote{number_in(tick.bid), number_in(tick.ask), tick.has_quote()});
  return true;
}

std::uint32_t TickRows::number_of(std::string_view symbol) {
  if (const auto known = numbers_.find(symbol); known != numbers_.end()) return known->second;
  const auto number = static_cast<std::uint32_t>(symbols_.size());
  symbols_.emplace_back(symbol);
  numbers_.emplace(symbol, number);
  return number;
}

void TickRows::put_in_order() {
  std::vector<std::uint32_t> by_name(symbols_.size());
  std::iota(by_name.begin(), by_name.end(), 0U);
  std::ranges::sort(by_name, {}, [&](std::uint32_t number) -> const std::string& { return symbols_[number]; });

  std::vector<std::size_t> begins(symbols_.size(), 0);  // by number; counts at first
  for (const Row& row : rows_) ++begins[row.symbol];
  std::size_t begin = 0;
  for (const std::uint32_t number : by_name) begin += std::exchange(begins[number], begin);

  order_.resize(rows_.size());
  std::vector<std::size_t> next = begins;
  for (std::size_t i = 0; i < rows_.size(); ++i) order_[next[rows_[i].symbol]++] = static_cast<std::uint32_t>(i);

  // One producer's ticks are in order already; what was sent again or by several may not be.
  const auto place = [&](std::uint32_t i) { return std::tie(rows_[i].event_time, rows_[i].seq); };
  for (const std::uint32_t number : by_name) {
    const auto of_symbol = std::span(order_).subspan(begins[number], next[number] - begins[number]);
    if (!std::ranges::is_sorted(of_symbol, {}, place)) std::ranges::stable_sort(of_symbol, {}, place);
  }
}

}  // namespace stack::lake
