// What a deployment on AWS would make, and what it would cost, without a call to AWS.
// Thread-safety: pure. Failure: ErrorKind::usage naming the parameter.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "deployment/cost.hpp"
#include "deployment/template.hpp"

namespace stack::deployment {

// What is known of the work; the rest is worked out from the parameters.
struct Workload {
  std::optional<double> events_per_day;
  std::optional<std::uint64_t> stored;   // bytes in the lake
  std::optional<std::uint64_t> scanned;  // bytes by Athena, a month
  std::optional<std::uint64_t> crawls;   // of Glue's crawler, a month
};

struct DeploymentPlan {
  ParameterValues parameters;
  std::vector<TemplateResource> resources;
  DeploymentSize size;
  std::vector<CostLine> cost;
};

// An error where a broker on the machine would fill its disk within days. VALUES: with defaults.
[[nodiscard]] Result<void> check_disk(const ParameterValues& values);
// An error where a network is named without its subnets, or the other way round: one without the other counts for
// nothing. VALUES: with defaults.
[[nodiscard]] Result<void> check_network(const ParameterValues& values);
// An error where a role of a stack of this NAME would have a longer name than IAM takes. REGION: where it is not known
// yet, the empty one.
[[nodiscard]] Result<void> check_role_names(const DeploymentTemplate& from, std::string_view name,
                                            std::string_view region);
[[nodiscard]] Result<DeploymentPlan> plan_deployment(const DeploymentTemplate& from, ParameterValues given,
                                                     const Workload& work);

}  // namespace stack::deployment
