#include "lake/lake_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace stack::lake {
namespace {

constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kLongestTable = 128;
constexpr std::size_t kLongestTopic = 200;  // with partition, offset and extension it stays within 255

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::string stem(const Lane& lane, std::int64_t first) {
  return fmt::format("{}+{}+{}", lane.topic, lane.partition, padded_offset(first));
}

std::string key_in(const Lane& lane, std::string_view dt, std::string_view file) {
  if (dt.empty()) return fmt::format("{}/{}", lane.table, file);
  return fmt::format("{}/dt={}/{}", lane.table, dt, file);
}

template <class Int>
std::optional<Int> parse_integer(std::string_view digits) {
  Int value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

Result<void> check_table_name(std::string_view table) {
  const bool sound =
      !table.empty() && table.size() <= kLongestTable && table.front() != '_' && std::ranges::all_of(table, is_word);
  if (sound) return {};
  return fail(ErrorKind::usage,
              fmt::format("--table '{}': a table's name has 1 to {} letters, digits and '_', and does "
                          "not begin with '_'",
                          table, kLongestTable));
}

Result<void> check_topic_name(std::string_view topic) {
  const bool sound = !topic.empty() && topic.size() <= kLongestTopic && topic != "." && topic != ".." &&
                     std::ranges::all_of(topic, [](char c) { return is_word(c) || c == '.' || c == '-'; });
  if (sound) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("--topic '{}': a topic's name has 1 to {} letters, digits, '.', '_' and '-'", topic, kLongestTopic));
}

bool is_sound_key(std::string_view key) {
  while (true) {
    const auto slash = key.find('/');
    const auto part = key.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

std::string padded_offset(std::int64_t offset) { return fmt::format("{:020}", offset); }

std::optional<std::int64_t> parse_padded_offset(std::string_view digits) {
  if (digits.size() != kOffsetDigits) return std::nullopt;
  return parse_integer<std::int64_t>(digits);
}

std::string data_prefix(std::string_view table) { return fmt::format("{}/", table); }

std::string data_key(const Lane& lane, std::string_view dt, std::int64_t first, std::string_view extension) {
  return key_in(lane, dt, fmt::format("{}.{}", stem(lane, first), extension));
}

std::string merged_key(const Lane& lane, std::string_view dt, std::int64_t first, std::int64_t end,
                       std::string_view extension) {
  return key_in(lane, dt, fmt::format("{}-{}.c.{}", stem(lane, first), padded_offset(end), extension));
}

std::string compactions_prefix(std::string_view table) { return fmt::format("_stack/compactions/{}/", table); }

std::string claims_prefix(std::string_view table) { return fmt::format("_stack/claims/{}/", table); }

std::string claims_prefix(const Lane& lane) {
  return fmt::format("_stack/claims/{}/{}/{}/", lane.table, lane.topic, lane.partition);
}

std::string claim_key(const Lane& lane, std::int64_t first) { return claims_prefix(lane) + padded_offset(first); }

std::string dead_letters_prefix(std::string_view table) { return fmt::format("_stack/dlq/{}/", table); }

std::string dead_letter_key(const Lane& lane, std::int64_t first) {
  return fmt::format("{}{}.ndjson", dead_letters_prefix(lane.table), stem(lane, first));
}

std::optional<FileName> parse_file_key(std::string_view key) {
  FileName name;
  const auto slash = key.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto folder = key.substr(0, slash);
  const auto file = key.substr(slash + 1);
  const auto last_part = folder.substr(folder.rfind('/') + 1);  // npos + 1 is 0
  if (last_part.starts_with("dt=")) name.dt = last_part.substr(3);

  const auto second_plus = file.rfind('+');
  if (second_plus == std::string_view::npos || second_plus == 0) return std::nullopt;
  const auto first_plus = file.rfind('+', second_plus - 1);
  if (first_plus == std::string_view::npos || file.size() < second_plus + kOffsetDigits + 3) return std::nullopt;
  const auto partition = parse_integer<std::int32_t>(file.substr(first_plus + 1, second_plus - first_plus - 1));
  const auto first = parse_padded_offset(file.substr(second_plus + 1, kOffsetDigits));
  auto rest = file.substr(second_plus + 1 + kOffsetDigits);
  if (!partition || !first) return std::nullopt;
  if (rest.front() == '-') {
    name.end = parse_padded_offset(rest.substr(1, kOffsetDigits));
    rest.remove_prefix(std::min(rest.size(), 1 + kOffsetDigits));
    if (!name.end || !rest.starts_with(".c.")) return std::nullopt;
    rest.remove_prefix(2);
  }
  if (rest.size() < 2 || rest.front() != '.') return std::nullopt;
  name.topic = file.substr(0, first_plus);
  name.partition = *partition;
  name.first = *first;
  name.extension = rest.substr(1);
  return name;
}

}  // namespace stack::lake
