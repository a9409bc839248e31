// Who AWS takes this process for, and whether that one may do what a role of the deployment has to: `stack doctor
// --aws`. Each permission of the role's policy is asked for, by a call that changes nothing, else by IAM's simulation.
// Thread-safety: as Settings. What fails is a finding. Failure: ErrorKind::usage for a role that is none;
// ErrorKind::interrupted once STOP is set.
#pragma once

#include <vector>

#include "app/finding.hpp"
#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::app {

// SETTINGS: --role, else the roles that the other options are about; the account is put in where none is named.
[[nodiscard]] Result<std::vector<Finding>> check_aws(Settings& settings, const Clock& clock, const StopFlag& stop);

}  // namespace stack::app
