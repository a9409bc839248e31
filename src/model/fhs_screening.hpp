// Looks through a whole path for stretches of history: every 20 sessions of every symbol against every 20 of its
// history (realism/memorising.hpp). Where two are too alike, the path draws the last of the sessions anew.
// Heavy tails alone bring about a correlation of .95 now and then; the cheap guard of the simulation (copy_guard.hpp)
// knows the usual ways there, this knows all.
// Thread-safety: pure; two threads or more are used inside, and their number changes nothing. Never fails.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/fhs_parameters.hpp"

namespace stack::model {

inline constexpr double kMostAlike = 0.945;  // a little below the .95 that is promised: prices are rounded afterwards
inline constexpr double kMostPairs = 2e9;  // windows compared, some seconds' work; a longer path is not looked through

// The sessions of SEED's path of SESSIONS sessions to be drawn anew, one entry a time; none for a path too long.
[[nodiscard]] std::vector<std::uint64_t> sessions_to_redraw(const std::shared_ptr<const FhsParameters>& parameters,
                                                            std::uint64_t seed, std::size_t sessions);

}  // namespace stack::model
