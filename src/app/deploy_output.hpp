// What `stack deploy aws` prints, as text and as JSON without a line feed at its end. Thread-safety: pure. Never fails.
#pragma once

#include <string>

#include "deployment/make_or_change.hpp"
#include "deployment/plan.hpp"

namespace stack::app {

struct StackPlace {
  std::string stack_name;
  std::string region;  // empty: none is named
};

[[nodiscard]] std::string plan_text(const StackPlace& place, const deployment::DeploymentPlan& plan);
[[nodiscard]] std::string plan_json(const StackPlace& place, const deployment::DeploymentPlan& plan);
[[nodiscard]] std::string outcome_text(const deployment::Outcome& outcome);
[[nodiscard]] std::string outcome_json(const std::string& stack_name, const deployment::Outcome& outcome);

}  // namespace stack::app
