#include "aws/region.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stack::aws {
namespace {

constexpr std::size_t kLongestRegion = 32;

bool is_region_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRegion && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, is_region_char);
}

}  // namespace

Result<void> check_region(std::string_view region) {
  if (is_region(region)) return {};
  return fail(ErrorKind::usage, fmt::format("\"{}\" is not an AWS region such as eu-central-1", region));
}

std::optional<std::string> region_of_servers(std::string_view bootstrap_servers) {
  for (const std::string_view service : {".kafka.", ".kafka-serverless."}) {
    for (auto at = bootstrap_servers.find(service); at != std::string_view::npos;
         at = bootstrap_servers.find(service, at + 1)) {
      const auto rest = bootstrap_servers.substr(at + service.size());
      const auto region = rest.substr(0, rest.find('.'));
      if (is_region(region) && rest.substr(region.size()).starts_with(".amazonaws.com")) return std::string{region};
    }
  }
  return std::nullopt;
}

std::string_view domain_of(std::string_view region) {
  if (region.starts_with("cn-")) return "amazonaws.com.cn";
  if (region.starts_with("us-iso-")) return "c2s.ic.gov";
  if (region.starts_with("us-isob-")) return "sc2s.sgov.gov";
  return "amazonaws.com";
}

}  // namespace stack::aws
