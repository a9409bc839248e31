#include "scenario/scenario_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "core/nearest_name.hpp"

namespace stack::scenario {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kDefaultCopyDelay = kMicrosPerSecond;
constexpr double kDefaultAuction = 10.0;

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time of day";
    default:
      return "a date with a time";
  }
}

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known) {
  const auto nearest = nearest_name(name.substr(0, 100), known);
  return nearest.empty() ? fmt::format("; known are {}", fmt::join(known, ", "))
                         : fmt::format("; did you mean {}?", nearest);
}

// Microseconds after midnight of "14:32" or "14:32:15".
std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
  const auto two = [&](std::size_t at) {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -100; };
    return digit(at) * 10 + digit(at + 1);
  };
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':') return std::nullopt;
  const int seconds = text.size() == 5 ? 0 : text[5] == ':' ? two(6) : -1;
  if (two(0) < 0 || two(0) > 23 || two(3) < 0 || two(3) > 59 || seconds < 0 || seconds > 59) return std::nullopt;
  return (std::int64_t{two(0)} * 3600 + std::int64_t{two(3)} * 60 + seconds) * kMicrosPerSecond;
}

// One [[shock]] table, field by field.
class ShockReader {
 public:
  ShockReader(const std::string& file, const toml::table& table, std::uint32_t line)
      : file_(file), table_(table), line_(line) {
    shock_.line = shock_.symbols_line = shock_.when_line = shock_.time_line = line;
  }

  Result<Shock> read() {
    STACK_TRY(read_kind());
    STACK_TRY(check_keys());
    STACK_TRY(read_symbols());
    STACK_TRY(read_when());
    STACK_TRY(read_times());
    STACK_TRY(read_numbers());
    STACK_TRY(read_names());
    return std::move(shock_);
  }

 private:
  std::unexpected<Error> wrong(std::uint32_t line, std::string message) const {
    return fail(ErrorKind::usage, fmt::format("{}:{}: {}", file_, line, message));
  }
  static std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

  Result<void> read_kind() {
    const toml::node* node = table_.get("kind");
    std::vector<std::string_view> names;
    for (const KindSpec& spec : kinds()) names.push_back(spec.name);
    if (node == nullptr) return wrong(line_, fmt::format("a shock wants a kind: one of {}", fmt::join(names, ", ")));
    const auto text = node->value<std::string>();
    if (!node->is_string()) return wrong_type("kind", *node, "a text");
    const auto found = std::ranges::find(names, std::string_view{*text});
    if (found == names.end())
      return wrong(line_of(*node), fmt::format("kind \"{}\" is unknown{}", *text, did_you_mean(*text, names)));
    kind_ = &kinds()[static_cast<std::size_t>(found - names.begin())];
    shock_.kind = kind_->kind;
    return {};
  }

  std::unexpected<Error> wrong_type(std::string_view name, const toml::node& node, std::string_view wanted) const {
    return wrong(line_of(node), fmt::format("{} wants {}, not {}", name, wanted, type_name(node)));
  }

  Result<void> check_keys() const {
    std::vector<std::string_view> known = {"kind", "symbols", "date", "session"};
    known.insert(known.end(), kind_->required.begin(), kind_->required.end());
    known.insert(known.end(), kind_->optional.begin(), kind_->optional.end());
    for (const auto& [key, node] : table_) {
      if (find_field(*kind_, key.str()) == nullptr)
        return wrong(key.source().begin.line, fmt::format("key \"{}\" is unknown to the kind {}{}", key.str(),
                                                          kind_->name, did_you_mean(key.str(), known)));
    }
    for (const std::string_view name : kind_->required)
      if (table_.get(name) == nullptr) return wrong(line_, fmt::format("the kind {} wants {}", kind_->name, name));
    return {};
  }

  Result<std::vector<std::string>> texts(std::string_view name, const toml::node& node) const {
    const toml::array* array = node.as_array();
    if (array == nullptr) return wrong_type(name, node, "a list of texts, such as [\"A\", \"B\"]");
    if (array->empty()) return wrong(line_of(node), fmt::format("{} is an empty list; leave it out for all", name));
    std::vector<std::string> values;
    for (const toml::node& each : *array) {
      if (!each.is_string()) return wrong_type(name, each, "a list of texts");
      values.push_back(*each.value<std::string>());
    }
    return values;
  }

  Result<void> read_symbols() {
    const toml::node* node = table_.get("symbols");
    if (node == nullptr) return {};
    STACK_TRY_ASSIGN(symbols, texts("symbols", *node));
    shock_.symbols = std::move(symbols);
    shock_.symbols_line = line_of(*node);
    return {};
  }

  // The number of a field within its range; FALLBACK where the table has none.
  Result<double> number(std::string_view name, double fallback) const {
    const toml::node* node = table_.get(name);
    if (node == nullptr) return fallback;
    const FieldSpec& field = *find_field(*kind_, name);
    const bool whole = field.form == FieldForm::whole;
    const bool fits = node->is_integer() || (!whole && node->is_floating_point());
    if (!fits) return wrong_type(name, *node, whole ? "a whole number" : "a number");
    const double value = *node->value<double>();
    const bool in_range = value >= field.least && value <= field.most;  // nan is not
    if (!in_range)
      return wrong(line_of(*node),
                   fmt::format("{} is {}; it goes from {} to {}", name, value, field.least, field.most));
    return value;
  }

  // Microseconds of a field such as "5m".
  Result<std::int64_t> time(std::string_view name, std::int64_t fallback) const {
    const toml::node* node = table_.get(name);
    if (node == nullptr) return fallback;
    if (!node->is_string()) return wrong_type(name, *node, "a time such as \"5m\"");
    const std::string text = *node->value<std::string>();
    const auto duration = parse_duration(text);
    if (!duration)
      return wrong(line_of(*node),
                   fmt::format("{}: \"{}\" is not a time such as \"500ms\", \"5s\", \"2m\" or \"1h\"", name, text));
    const FieldSpec& field = *find_field(*kind_, name);
    const double seconds = static_cast<double>(duration->count()) / 1000.0;
    if (seconds < field.least || seconds > field.most)
      return wrong(line_of(*node), fmt::format("{} is \"{}\"; it goes from 1ms to 24h", name, text));
    return duration->count() * 1000;
  }

  Result<void> read_date(const toml::node& node) {
    shock_.when_line = line_of(node);
    if (const auto* date = node.as_date()) {
      const toml::date& value = date->get();
      shock_.date = Date{std::chrono::year_month_day{std::chrono::year{value.year}, std::chrono::month{value.month},
                                                     std::chrono::day{value.day}}};
      return {};
    }
    if (!node.is_string()) return wrong_type("date", node, "a date, such as 2013-02-01");
    const std::string text = *node.value<std::string>();
    shock_.date = parse_date(text);
    if (!shock_.date) return wrong(shock_.when_line, fmt::format("date: \"{}\" is not a date, YYYY-MM-DD", text));
    return {};
  }

  Result<void> read_when() {
    const toml::node* date = table_.get("date");
    const toml::node* session = table_.get("session");
    if (date != nullptr && session != nullptr)
      return wrong(line_of(*session), "a shock has a date or a session, not both");
    if (date != nullptr) STACK_TRY(read_date(*date));
    if (session != nullptr) {
      STACK_TRY_ASSIGN(nth, number("session", 0));
      shock_.session = static_cast<std::uint32_t>(nth);
      shock_.when_line = line_of(*session);
    }
    const toml::node* sessions = table_.get("sessions");
    if (date == nullptr && session == nullptr) {
      if (!kind_->whole_feed)
        return wrong(line_,
                     fmt::format("the kind {} wants to know when: date = 2013-02-01, or session = 20", kind_->name));
      if (sessions != nullptr) return wrong(line_of(*sessions), "sessions wants a date or a session to begin at");
    }
    STACK_TRY_ASSIGN(count, number("sessions", 1));
    shock_.sessions = static_cast<std::uint32_t>(count);
    return {};
  }

  Result<void> read_times() {
    const toml::node* node = table_.get("time");
    const toml::node* duration = table_.get("duration");
    if ((node == nullptr) != (duration == nullptr))
      return wrong(line_of(node == nullptr ? *duration : *node), "time and duration go together");
    if (node != nullptr) STACK_TRY(read_time_of_day(*node));
    STACK_TRY_ASSIGN(length, time("duration", 0));
    STACK_TRY_ASSIGN(fall, time("fall", length / 3));
    if (fall > length)
      return wrong(line_of(*table_.get("fall")), "fall is longer than duration, which it is a part of");
    STACK_TRY_ASSIGN(delay, time("delay", kind_->kind == Kind::duplicate ? kDefaultCopyDelay : 0));
    shock_.duration = length;
    shock_.fall = kind_->kind == Kind::flash_crash ? fall : 0;
    shock_.delay = delay;
    return {};
  }

  Result<void> read_time_of_day(const toml::node& node) {
    shock_.time_line = line_of(node);
    if (const auto* clock = node.as_time()) {
      const toml::time& value = clock->get();
      shock_.time =
          (std::int64_t{value.hour} * 3600 + std::int64_t{value.minute} * 60 + value.second) * kMicrosPerSecond +
          value.nanosecond / 1000;
      return {};
    }
    if (!node.is_string()) return wrong_type("time", node, "a time of day, such as \"14:32\"");
    const std::string text = *node.value<std::string>();
    shock_.time = parse_time_of_day(text);
    if (!shock_.time)
      return wrong(shock_.time_line, fmt::format("time: \"{}\" is not a time of day, HH:MM or HH:MM:SS", text));
    return {};
  }

  Result<void> read_numbers() {
    STACK_TRY_ASSIGN(size, number("size", 0.0));
    if (size == 0.0 && table_.contains("size"))
      return wrong(line_of(*table_.get("size")), "a size of 0 changes nothing");
    STACK_TRY_ASSIGN(rebound, number("rebound", kind_->kind == Kind::flash_crash ? 1.0 : 0.0));
    STACK_TRY_ASSIGN(rebound_sessions, number("rebound_sessions", shock_.sessions));
    STACK_TRY_ASSIGN(factor, number("factor", 1.0));
    STACK_TRY_ASSIGN(auction, number("auction", kind_->kind == Kind::halt ? kDefaultAuction : 1.0));
    STACK_TRY_ASSIGN(share, number("share", 1.0));
    shock_.size = size;
    shock_.rebound = rebound;
    shock_.rebound_sessions = static_cast<std::uint32_t>(rebound_sessions);
    shock_.factor = factor;
    shock_.auction = auction;
    shock_.share = share;
    return {};
  }

  Result<void> read_names() {
    if (const toml::node* node = table_.get("mode")) {
      const auto text = node->value<std::string>();
      if (!node->is_string()) return wrong_type("mode", *node, "a text");
      if (*text != "backlog" && *text != "drop")
        return wrong(line_of(*node),
                     fmt::format("mode \"{}\" is unknown{}", *text, did_you_mean(*text, {"backlog", "drop"})));
      shock_.drop = *text == "drop";
    }
    if (kind_->kind != Kind::malformed) return {};
    std::vector<std::string_view> known;
    for (const FormName& each : malformations()) known.push_back(each.name);
    if (const toml::node* node = table_.get("forms")) {
      STACK_TRY_ASSIGN(names, texts("forms", *node));
      for (const std::string& name : names) {
        const auto found = std::ranges::find(known, std::string_view{name});
        if (found == known.end())
          return wrong(line_of(*node), fmt::format("forms: \"{}\" is unknown{}", name, did_you_mean(name, known)));
        shock_.forms.push_back(malformations()[static_cast<std::size_t>(found - known.begin())].form);
      }
      return {};
    }
    for (const FormName& each : malformations()) shock_.forms.push_back(each.form);
    return {};
  }

  const std::string& file_;
  const toml::table& table_;
  std::uint32_t line_;
  const KindSpec* kind_ = nullptr;
  Shock shock_;
};

Result<std::vector<Shock>> shocks_of(const toml::table& root, const std::string& name) {
  const auto at = [&](std::uint32_t line, std::string_view message) {
    return fail(ErrorKind::usage, fmt::format("{}:{}: {}", name, line, message));
  };
  for (const auto& [key, node] : root) {
    if (key.str() == "title" && node.is_string()) continue;
    if (key.str() == "title") return at(node.source().begin.line, "title wants a text");
    if (key.str() != "shock")
      return at(key.source().begin.line,
                fmt::format("key \"{}\" is unknown{}", key.str(), did_you_mean(key.str(), {"shock", "title"})));
  }
  const toml::node* node = root.get("shock");
  if (node == nullptr) return at(1, "there is no [[shock]] in it");
  const toml::array* array = node->as_array();
  if (array == nullptr) return at(node->source().begin.line, "a shock is written [[shock]], in two brackets");
  std::vector<Shock> shocks;
  for (const toml::node& each : *array) {
    const toml::table* table = each.as_table();
    if (table == nullptr) return at(each.source().begin.line, "a shock is a table: [[shock]] with its keys below");
    STACK_TRY_ASSIGN(shock, ShockReader(name, *table, each.source().begin.line).read());
    shocks.push_back(std::move(shock));
  }
  if (shocks.empty()) return at(node->source().begin.line, "there is no [[shock]] in it");
  return shocks;
}

}  // namespace

Result<std::vector<Shock>> parse_shocks(std::string_view text, const std::string& name) try {
  return shocks_of(toml::parse(text), name);
} catch (const toml::parse_error& error) {
  return fail(ErrorKind::usage,
              fmt::format("{}:{}: {}", name, error.source().begin.line, std::string{error.description()}));
}

}  // namespace stack::scenario
