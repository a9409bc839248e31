// The stationary bootstrap of whole cross-sections (Politis & Romano 1994, section 2): a session is a date of the
// history with the bars of all symbols on it, drawn in blocks of consecutive dates whose lengths are geometric; at the
// end of the history a block goes on at its beginning. Dates on which fewer than half of the symbols of their time
// traded are left out.
//
// A symbol without a return on a date (a holiday, or it is younger) takes its bar from the date of its own history
// whose cross-section of the other symbols is nearest: the least sum, over the symbols that have a return on the first
// date, of the squared difference of returns in units of their deviations, where a symbol that has none on the second
// date counts 2, the expected square for two independent ones. So no symbol is cut to the youngest, and what symbols
// have in common on a day is kept, in large moves too.
//
// Volume is that of the date relative to its local level (volume_facts.hpp) about the level at the history's end. On a
// holiday it is that of the session before, so that its persistence is kept; where a symbol had none yet, that of the
// date its bar is taken from, or else of another of its dates, consecutive for consecutive dates.
//
// Thread-safety: as bar_model.hpp. Failure: ErrorKind::usage for a mean block length below 1.
#pragma once

#include <memory>

#include "core/result.hpp"
#include "model/bar_model.hpp"

namespace stack::model {

inline constexpr double kDefaultBlock = 60.0;  // sessions, a quarter: clusters of volatility last weeks to months

[[nodiscard]] Result<std::unique_ptr<BarModel>> make_bootstrap(const Panel& panel, const ModelOptions& options);

// For each symbol and date of PANEL, the date that its bar is taken from: the date itself where the symbol has a
// return. Dates on which no symbol has one take any.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> bar_sources(const Panel& panel);

}  // namespace stack::model
