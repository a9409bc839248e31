// Reads a scenario: a TOML file of [[shock]] tables (docs/scenarios.md).
// Thread-safety: pure. Failure: ErrorKind::usage as "file:line: what is wrong", naming the nearest known name for one
// that is misspelt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "scenario/shock.hpp"

namespace stack::scenario {

// NAME stands for the file in messages.
[[nodiscard]] Result<std::vector<Shock>> parse_shocks(std::string_view text, const std::string& name);

}  // namespace stack::scenario
