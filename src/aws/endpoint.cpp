#include "aws/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "aws/profile_files.hpp"
#include "aws/region.hpp"

namespace stack::aws {
namespace {

std::string upper(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

// Of the environment, else of the profile.
Result<bool> setting(const Environment& environment, const ProfileFiles& profiles, const std::string& variable,
                     const std::string& key) {
  if (const auto value = environment.get(variable)) return is_true(variable, value);
  return is_true(fmt::format("{} of profile {}", key, profiles.chosen()), profiles.get(profiles.chosen(), key));
}

std::unexpected<Error> no_host(std::string_view service, std::string_view region) {
  return fail(ErrorKind::usage,
              fmt::format("AWS has no FIPS or dual-stack host of {0} for {1} that is known here: unset "
                          "AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or name it with AWS_ENDPOINT_URL_{2}",
                          service, region, upper(service)));
}

// IAM has one host a partition. (https://docs.aws.amazon.com/general/latest/gr/iam-service.html)
Result<Endpoint> iam_endpoint(const std::string& region, EndpointVariant variant) {
  const Partition& partition = partition_of(region);
  const bool plain = !variant.fips && !variant.dual_stack;
  if (partition.id == "aws") {
    const std::string_view fips = variant.fips ? "-fips" : "";
    return Endpoint{.url = variant.dual_stack ? fmt::format("https://iam{}.global.api.aws", fips)
                                              : fmt::format("https://iam{}.amazonaws.com", fips),
                    .region = "us-east-1"};
  }
  if (partition.id == "aws-us-gov" && !variant.dual_stack)
    return Endpoint{.url = "https://iam.us-gov.amazonaws.com", .region = "us-gov-west-1"};
  if (partition.id == "aws-cn" && plain)
    return Endpoint{.url = "https://iam.cn-north-1.amazonaws.com.cn", .region = "cn-north-1"};
  if (partition.id == "aws-eusc" && plain)
    return Endpoint{.url = fmt::format("https://iam.{}.amazonaws.eu", region), .region = region};
  return no_host("iam", region);
}

}  // namespace

Result<bool> is_true(const std::string& name, const std::optional<std::string>& value) {
  const std::string written = upper(value.value_or("false"));
  if (written == "TRUE" || written == "FALSE") return written == "TRUE";
  return fail(ErrorKind::usage, fmt::format("{}: \"{}\" is neither true nor false", name, *value));
}

Result<Endpoint> aws_endpoint(std::string_view service, const std::string& region, EndpointVariant variant) {
  STACK_TRY(check_region(region));
  if (service == "iam") return iam_endpoint(region, variant);
  const Partition& partition = partition_of(region);
  const bool is_s3 = service == "s3";
  if (is_s3 && variant.fips && partition.id == "aws-cn") return no_host(service, region);
  // There the usual hosts are validated ones, and some services have no others.
  const bool is_fips_anyway = partition.id == "aws-us-gov" && (service == "sts" || service == "cloudformation");
  const std::string_view fips = variant.fips && !(is_fips_anyway && !variant.dual_stack) ? "-fips" : "";
  if (is_s3)
    return Endpoint{.url = fmt::format("https://s3{}{}.{}.{}", fips, variant.dual_stack ? ".dualstack" : "", region,
                                       partition.domain),
                    .region = region};
  return Endpoint{.url = fmt::format("https://{}{}.{}.{}", service, fips, region,
                                     variant.dual_stack ? partition.dual_stack_domain : partition.domain),
                  .region = region};
}

Result<EndpointVariant> endpoint_variant(const Environment& environment) {
  STACK_TRY_ASSIGN(profiles, ProfileFiles::load(environment));
  STACK_TRY_ASSIGN(fips, setting(environment, profiles, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
  STACK_TRY_ASSIGN(dual_stack, setting(environment, profiles, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
  return EndpointVariant{.fips = fips, .dual_stack = dual_stack};
}

Result<std::optional<std::string>> configured_endpoint(std::string_view service, const Environment& environment) {
  STACK_TRY_ASSIGN(profiles, ProfileFiles::load(environment));
  STACK_TRY_ASSIGN(ignored, setting(environment, profiles, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                    "ignore_configured_endpoint_urls"));
  if (ignored) return std::nullopt;
  auto url = environment.get(fmt::format("AWS_ENDPOINT_URL_{}", upper(service)));
  if (!url) url = environment.get("AWS_ENDPOINT_URL");
  if (!url) url = profiles.endpoint_url(profiles.chosen(), std::string{service});
  while (url && url->ends_with('/')) url->pop_back();
  return url;
}

Result<Endpoint> endpoint_of(std::string_view service, const std::string& region, const Environment& environment) {
  STACK_TRY(check_region(region));
  STACK_TRY_ASSIGN(url, configured_endpoint(service, environment));
  if (url) return Endpoint{.url = *std::move(url), .region = region, .configured = true};
  STACK_TRY_ASSIGN(variant, endpoint_variant(environment));
  return aws_endpoint(service, region, variant);
}

}  // namespace stack::aws
