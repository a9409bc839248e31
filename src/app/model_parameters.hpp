// --parameter: what the user says of a textbook model's parameters.
// Thread-safety: as Settings. Failure: ErrorKind::usage naming option, name and value, with the nearest known name.
#pragma once

#include <vector>

#include "app/settings.hpp"
#include "model/bar_model.hpp"

namespace stack::app {

// "NAME=VALUE" for all symbols, "SYM.NAME=VALUE" for one; names are those that MODE has, values any numbers.
[[nodiscard]] Result<std::vector<model::ModelParameter>> model_parameters(const Settings& settings, market::Mode mode);

// The symbols that PARAMETERS name are among those of SELECTION.
[[nodiscard]] Result<void> check_symbols(const std::vector<model::ModelParameter>& parameters,
                                         const market::Selection& selection);

}  // namespace stack::app
