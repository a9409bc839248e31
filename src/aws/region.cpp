#include "aws/region.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stack::aws {
namespace {

constexpr std::size_t kLongestRegion = 32;

constexpr Partition kCommercial{.id = "aws", .domain = "amazonaws.com", .dual_stack_domain = "api.aws"};
// By how the names of their regions begin, as AWS's SDKs know them.
constexpr std::array<std::pair<std::string_view, Partition>, 7> kPartitions{{
    {"us-gov-", {.id = "aws-us-gov", .domain = "amazonaws.com", .dual_stack_domain = "api.aws"}},
    {"cn-", {.id = "aws-cn", .domain = "amazonaws.com.cn", .dual_stack_domain = "api.amazonwebservices.com.cn"}},
    {"eusc-", {.id = "aws-eusc", .domain = "amazonaws.eu", .dual_stack_domain = "api.amazonwebservices.eu"}},
    {"us-iso-", {.id = "aws-iso", .domain = "c2s.ic.gov", .dual_stack_domain = "api.aws.ic.gov"}},
    {"us-isob-", {.id = "aws-iso-b", .domain = "sc2s.sgov.gov", .dual_stack_domain = "api.aws.scloud"}},
    {"eu-isoe-", {.id = "aws-iso-e", .domain = "cloud.adc-e.uk", .dual_stack_domain = "api.cloud-aws.adc-e.uk"}},
    {"us-isof-", {.id = "aws-iso-f", .domain = "csp.hci.ic.gov", .dual_stack_domain = "api.aws.hci.ic.gov"}},
}};

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

const Partition& partition_of(std::string_view region) {
  const auto known =
      std::ranges::find_if(kPartitions, [&](const auto& each) { return region.starts_with(each.first); });
  return known == kPartitions.end() ? kCommercial : known->second;
}

}  // namespace stack::aws
