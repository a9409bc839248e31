// Where an AWS service answers: what the environment or the chosen profile names, else AWS's own host in the region,
// with or without FIPS 140 and IPv6 (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html,
// .../feature-endpoints.html).
// Thread-safety: any thread. Failure: ErrorKind::usage for a region that is none, a setting that is neither true nor
// false, a combination that AWS has no host for, or AWS files that cannot be read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/environment.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct Endpoint {
  std::string url;          // without a path and a '/' at its end
  std::string region;       // that requests are signed for
  bool configured = false;  // by the user, so not AWS's own
};

// Of a service's hosts those that AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or the profile, ask for.
struct EndpointVariant {
  bool fips = false;
  bool dual_stack = false;
};

// SERVICE as in host names: "glue", "athena", "sts", "iam", "cloudformation", "s3".
[[nodiscard]] Result<Endpoint> aws_endpoint(std::string_view service, const std::string& region,
                                            EndpointVariant variant);

// VALUE of the setting NAME, none of which is false: true or false in any case, nothing else.
[[nodiscard]] Result<bool> is_true(const std::string& name, const std::optional<std::string>& value);

[[nodiscard]] Result<EndpointVariant> endpoint_variant(const Environment& environment);

// The URL that AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL or the profile's endpoint_url names, without a '/' at its
// end; none also where AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.
[[nodiscard]] Result<std::optional<std::string>> configured_endpoint(std::string_view service,
                                                                     const Environment& environment);

// The configured one, else aws_endpoint().
[[nodiscard]] Result<Endpoint> endpoint_of(std::string_view service, const std::string& region,
                                           const Environment& environment);

}  // namespace stack::aws
