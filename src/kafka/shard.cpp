#include "kafka/shard.hpp"

#include <fmt/format.h>

#include <charconv>

namespace stack::kafka {
namespace {

std::optional<std::uint32_t> parse_count(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || text.front() == '0' || value > kMostShards) return std::nullopt;
  return value;
}

}  // namespace

std::string Shard::text() const { return fmt::format("{}/{}", number, count); }

std::optional<Shard> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto number = parse_count(text.substr(0, slash));
  const auto count = parse_count(text.substr(slash + 1));
  if (!number || !count || *number > *count) return std::nullopt;
  return Shard{*number, *count};
}

}  // namespace stack::kafka
