#include "lake/dead_letter_reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

#include "lake/lake_layout.hpp"
#include "lake/line_reader.hpp"

namespace stack::lake {
namespace {

using simdjson::dom::element;

constexpr std::string_view kRoot = "_stack/dlq/";
constexpr std::uint8_t kNoDigit = 64;

std::uint8_t base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0' + 52);
  if (c == '+') return 62;
  return c == '/' ? 63 : kNoDigit;
}

// The member NAME of ROOT, or NAME_base64 decoded, into BYTES; none for null. False: neither is there.
bool read_bytes(const element& root, std::string_view name, std::optional<std::string>& bytes) {
  std::string_view text;
  element member;
  if (root[name].get(member) == simdjson::SUCCESS) {
    if (member.is_null()) return true;
    if (member.get(text) != simdjson::SUCCESS) return false;
    bytes = text;
    return true;
  }
  if (root[fmt::format("{}_base64", name)].get(text) != simdjson::SUCCESS) return false;
  bytes = from_base64(text);
  return bytes.has_value();
}

bool is_wanted(const DeadLetterFilter& filter, const FileName& name) {
  return (filter.topic.empty() || name.topic == filter.topic) &&
         (filter.partitions.empty() || std::ranges::find(filter.partitions, name.partition) != filter.partitions.end());
}

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t padding = !last ? 0 : text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::uint8_t digit = k >= 4 - padding ? std::uint8_t{0} : base64_digit(text[i + k]);
      if (digit == kNoDigit) return std::nullopt;
      group = group << 6U | digit;
    }
    for (std::size_t k = 0; k < 3 - padding; ++k) bytes += static_cast<char>(group >> (16U - 8U * k) & 255U);
  }
  return bytes;
}

std::optional<StoredDeadLetter> parse_dead_letter(std::string_view line) {
  simdjson::dom::parser parser;
  element root;
  StoredDeadLetter letter;
  std::string_view topic;
  std::string_view reason;
  std::int64_t partition = 0;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS ||
      root["topic"].get(topic) != simdjson::SUCCESS || root["partition"].get(partition) != simdjson::SUCCESS ||
      root["offset"].get(letter.offset) != simdjson::SUCCESS ||
      root["timestamp"].get(letter.timestamp_ms) != simdjson::SUCCESS ||
      root["reason"].get(reason) != simdjson::SUCCESS || !read_bytes(root, "key", letter.key) ||
      !read_bytes(root, "value", letter.value))
    return std::nullopt;
  letter.topic = topic;
  letter.partition = static_cast<std::int32_t>(partition);
  letter.reason = reason;
  return letter;
}

Result<std::vector<std::string>> tables_with_dead_letters(ObjectStore& store) {
  STACK_TRY_ASSIGN(objects, store.list(kRoot));
  std::vector<std::string> tables;
  for (const ObjectInfo& object : objects) {
    const std::string_view path = std::string_view(object.key).substr(kRoot.size());
    const std::string_view table = path.substr(0, path.find('/'));
    if (tables.empty() || tables.back() != table) tables.emplace_back(table);
  }
  return tables;
}

Result<void> for_each_dead_letter(
    ObjectStore& store, std::string_view table, const DeadLetterFilter& filter,
    const std::function<Result<bool>(const std::string& key, const StoredDeadLetter& letter)>& see) {
  STACK_TRY_ASSIGN(objects, store.list(dead_letters_prefix(table)));
  bool go_on = true;
  Result<void> failure;
  for (const ObjectInfo& object : objects) {
    const auto name = parse_file_key(object.key);
    if (!name || name->extension != "ndjson" || !is_wanted(filter, *name)) continue;
    STACK_TRY(for_each_line(store, object.key, Compression::none, [&](std::string_view line) {
      if (!go_on || !failure) return;
      const auto letter = parse_dead_letter(line);
      if (!letter) {
        failure =
            fail(ErrorKind::storage, fmt::format("{}/{} holds a line that is no dead letter", store.uri(), object.key));
        return;
      }
      if (letter->reason.find(filter.reason) == std::string::npos) return;
      const auto seen = see(object.key, *letter);
      if (!seen) failure = std::unexpected(seen.error());
      go_on = seen.value_or(false);
    }));
    STACK_TRY(std::move(failure));
    failure = {};
    if (!go_on) return {};
  }
  return {};
}

}  // namespace stack::lake
