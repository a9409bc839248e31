// The AWS role that --role-arn and its companions name. Thread-safety: as Settings. Failure: ErrorKind::usage naming
// the option.
#pragma once

#include <optional>

#include "app/settings.hpp"
#include "aws/sts.hpp"
#include "core/result.hpp"

namespace stack::app {

// None where --role-arn is not given.
[[nodiscard]] Result<std::optional<aws::AssumedRole>> assumed_role(const Settings& settings);

}  // namespace stack::app
