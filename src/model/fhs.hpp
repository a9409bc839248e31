// Filtered historical simulation, `--mode fhs`: each symbol's GJR-GARCH with Student's t, residuals drawn from history
// for all symbols together, the lead of one time zone over the next, ranges and volumes with a memory of their own.
// Thread-safety: as bar_model.hpp says. Failure: ErrorKind::data, naming the symbol.
#pragma once

#include "model/bar_model.hpp"

namespace stack::model {

inline constexpr double kDefaultFhsBlock = 2.0;
inline constexpr double kLongestFhsBlock = 10.0;  // longer ones would replay history

[[nodiscard]] Result<std::unique_ptr<BarModel>> fit_fhs(const Panel& panel, const ModelOptions& options);

}  // namespace stack::model
