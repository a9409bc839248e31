#include "app/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "app/options.hpp"

namespace stack::app {
namespace {

// A number at the front of TEXT and the unit behind it.
template <class Number>
std::optional<std::pair<Number, std::string_view>> split_unit(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return std::pair{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

constexpr std::string_view kKafkaProperty = "kafka-property";

// As users write it on the command line.
std::string written_flag(std::string_view name) {
  const OptionSpec* option = find_option(name);
  return option == nullptr ? fmt::format("--{}", name) : flag_of(*option);
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::optional<bool> parse_switch(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "on") return true;
  if (lower == "false" || lower == "0" || lower == "no" || lower == "off") return false;
  return std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto parts = split_unit<double>(text);
  if (!parts || !(parts->first >= 0)) return std::nullopt;
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"", 1},      {"B", 1},      {"kB", 1e3},      {"KB", 1e3},         {"MB", 1e6},           {"GB", 1e9},
      {"TB", 1e12}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776}};
  const auto* unit = std::ranges::find(kUnits, parts->second, &std::pair<std::string_view, double>::first);
  if (unit == std::end(kUnits)) return std::nullopt;
  const double bytes = parts->first * unit->second;
  if (bytes > 9e15 || bytes != std::floor(bytes)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

Result<Settings> Settings::load(std::map<std::string, std::string> flags, const std::vector<std::string>& variables,
                                const std::filesystem::path& folder) {
  Settings settings;
  for (auto& [name, value] : flags) {
    if (name == kKafkaProperty) STACK_TRY(settings.add_kafka_properties(value, written_flag(name)));
    settings.add(name, std::move(value), written_flag(name));
  }
  STACK_TRY(settings.add_environment(variables));

  const auto file_of = [&](std::string_view option, const char* usual) -> Result<std::filesystem::path> {
    if (settings.given(option)) {
      const std::filesystem::path named = settings.text(option);
      std::error_code ignored;
      if (!std::filesystem::is_regular_file(named, ignored))
        return std::unexpected(settings.wrong(option, "a file that exists"));
      return named;
    }
    const auto found = folder / usual;
    std::error_code ignored;
    return std::filesystem::is_regular_file(found, ignored) ? found : std::filesystem::path{};
  };
  STACK_TRY_ASSIGN(env_file, file_of("env-file", ".env"));
  if (!env_file.empty()) STACK_TRY(settings.add_env_file(env_file));
  STACK_TRY_ASSIGN(config, file_of("config", "stack.toml"));
  if (!config.empty()) STACK_TRY(settings.add_toml(config));
  STACK_TRY(settings.check_switches());
  return settings;
}

void Settings::add(std::string_view name, std::string value, std::string origin) {
  values_.try_emplace(std::string{name}, Setting{std::move(value), std::move(origin)});
}

Result<void> Settings::add_kafka_properties(const std::string& text, std::string_view origin) {
  STACK_TRY_ASSIGN(layer, kafka::parse_properties(split(text, '\n'), origin));
  add_layer(std::move(layer));
  return {};
}

void Settings::add_layer(kafka::Properties layer) {
  std::erase_if(layer, [&](const auto& property) {
    return std::ranges::find(kafka_properties_, property.first, [](const auto& each) { return each.first; }) !=
           kafka_properties_.end();
  });
  layer.insert(layer.end(), kafka_properties_.begin(), kafka_properties_.end());
  kafka_properties_ = std::move(layer);
}

Result<void> Settings::check_switches() const {
  for (const auto& [name, setting] : values_) {
    const OptionSpec* option = find_option(name);
    if (option != nullptr && option->value.empty() && !parse_switch(setting.text))
      return std::unexpected(wrong(name, "true or false"));
  }
  return {};
}

void Settings::set_default(std::string_view name, std::string value) {
  defaults_.insert_or_assign(std::string{name}, std::move(value));
}

bool Settings::on_command_line(std::string_view name) const {
  const auto it = values_.find(name);
  return it != values_.end() && it->second.origin.starts_with("--");
}

std::string Settings::text(std::string_view name) const {
  if (const auto it = values_.find(name); it != values_.end()) return it->second.text;
  if (const auto it = defaults_.find(name); it != defaults_.end()) return it->second;
  const OptionSpec* option = find_option(name);
  return option == nullptr ? std::string{} : std::string{option->fallback};
}

bool Settings::flag(std::string_view name) const { return parse_switch(text(name)).value_or(false); }

std::vector<std::string> Settings::list(std::string_view name) const {
  std::vector<std::string> parts;
  for (const auto& part : split(text(name), ','))
    if (const auto bare = without_blanks(part); !bare.empty()) parts.emplace_back(bare);
  return parts;
}

std::vector<std::string> Settings::lines(std::string_view name) const { return split(text(name), '\n'); }

Error Settings::wrong(std::string_view name, std::string_view expected) const {
  const auto it = values_.find(name);
  const std::string flag = written_flag(name);
  const std::string origin = it == values_.end() ? flag : it->second.origin;
  const std::string where = origin == flag ? flag : fmt::format("{} (from {})", name, origin);
  return Error{ErrorKind::usage, fmt::format("{}: \"{}\" is not {}", where, text(name), expected)};
}

Result<std::optional<std::uint64_t>> Settings::whole(std::string_view name, std::uint64_t least,
                                                     std::uint64_t most) const {
  const auto value = text(name);
  if (value.empty() && !given(name)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < least || number > most)
    return std::unexpected(wrong(name, most == UINT64_MAX ? fmt::format("a whole number of at least {}", least)
                                                          : fmt::format("a whole number from {} to {}", least, most)));
  return number;
}

Result<std::optional<double>> Settings::positive(std::string_view name) const {
  const auto value = text(name);
  if (value.empty() && !given(name)) return std::nullopt;
  const auto parts = split_unit<double>(value);
  if (!parts || !parts->second.empty() || !(parts->first > 0) || !std::isfinite(parts->first))
    return std::unexpected(wrong(name, "a number above 0"));
  return parts->first;
}

Result<std::optional<Date>> Settings::date(std::string_view name) const {
  const auto value = text(name);
  if (value.empty() && !given(name)) return std::nullopt;
  const auto date = parse_date(value);
  if (!date) return std::unexpected(wrong(name, "a date, YYYY-MM-DD"));
  return date;
}

Result<std::optional<Milliseconds>> Settings::duration(std::string_view name) const {
  const auto value = text(name);
  if (value.empty() && !given(name)) return std::nullopt;
  const auto duration = parse_duration(value);
  if (!duration) return std::unexpected(wrong(name, "a time such as 500ms, 5s, 2m or 1h"));
  return duration;
}

Result<std::optional<std::uint64_t>> Settings::bytes(std::string_view name) const {
  const auto value = text(name);
  if (value.empty() && !given(name)) return std::nullopt;
  const auto bytes = parse_bytes(value);
  if (!bytes) return std::unexpected(wrong(name, "a size such as 64MB, 128MiB or 1000"));
  return bytes;
}

Result<std::string> Settings::choice(std::string_view name, std::vector<std::string_view> allowed) const {
  const auto value = text(name);
  if (std::ranges::find(allowed, value) == allowed.end())
    return std::unexpected(wrong(name, fmt::format("one of {}", fmt::join(allowed, ", "))));
  return value;
}

}  // namespace stack::app
