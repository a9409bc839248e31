// A deployment made where there is none, or changed to what is asked for; then what the machine installs is uploaded.
// Thread-safety: one caller. Failure: as Deployment; ErrorKind::conflict where what there is would lose its topic, or
// cannot be gone on with.
#pragma once

#include "aws/cloudformation.hpp"
#include "core/result.hpp"
#include "deployment/deployment.hpp"

namespace stack::deployment {

struct Outcome {
  aws::StackState state;
  bool changed = false;
};

// What failed is taken back, and its name is free again.
[[nodiscard]] Result<Outcome> make(const Deployment& deployment);
// STATE: as settled() found it. What is not asked for stays as it is.
[[nodiscard]] Result<Outcome> change(const Deployment& deployment, const aws::StackState& state);

}  // namespace stack::deployment
