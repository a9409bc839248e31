// What `stack deploy aws` would make, and what it would cost: `--dry-run`, without a call to AWS.
// Thread-safety: pure. Failure: ErrorKind::usage naming the option.
#pragma once

#include <string>

#include "app/deploy_cost.hpp"
#include "app/deploy_template.hpp"
#include "app/settings.hpp"
#include "core/result.hpp"

namespace stack::app {

struct DeploymentPlan {
  std::string stack_name;
  std::string region;  // empty: none is named
  ParameterValues parameters;
  std::vector<TemplateResource> resources;
  DeploymentSize size;
  std::vector<CostLine> cost;
};

// An error where a broker on the machine would fill its disk within days. VALUES: with defaults.
[[nodiscard]] Result<void> check_disk(const ParameterValues& values);
[[nodiscard]] Result<DeploymentPlan> plan_deployment(const Settings& settings, const DeploymentTemplate& from);
[[nodiscard]] std::string plan_text(const DeploymentPlan& plan);
[[nodiscard]] std::string plan_json(const DeploymentPlan& plan);

}  // namespace stack::app
