// What to do about an action that a policy denies: which command prints the policy that allows it, or whose business it
// is. Thread-safety: any thread. Never fails.
#pragma once

#include <string>
#include <string_view>

namespace stack::aws {

// ACTION: "glue:CreateTable", denied to a call of SERVICE ("glue", "cloudformation"), which may bring it along.
[[nodiscard]] std::string advice_on_denied(std::string_view action, std::string_view service);

}  // namespace stack::aws
