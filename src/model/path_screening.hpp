// Looks through a whole path for stretches of history: every 20 sessions of every symbol against every 20 of its
// history (realism/memorising.hpp).
// Heavy tails alone bring about a correlation of .95 now and then; the cheap guard of fhs (copy_guard.hpp) knows the
// usual ways there, this knows all.
// Thread-safety: pure; several threads are used inside, and their number changes nothing. Never fails.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/bar_model.hpp"
#include "model/copy_guard.hpp"
#include "model/fhs_parameters.hpp"

namespace stack::model {

inline constexpr double kMostAlike = 0.945;  // a little below the .95 that is promised: prices are rounded afterwards
inline constexpr double kMostPairs = 2e9;  // windows compared, some seconds' work; a longer path is not looked through

// Whether a path of SESSIONS sessions is short enough to be looked through.
[[nodiscard]] bool can_be_screened(const std::vector<CopyHistory>& history, std::size_t sessions);

// The last session of the first window of the path that is too alike; none: there is no such window.
[[nodiscard]] std::optional<std::uint64_t> first_copy(const std::vector<CopyHistory>& history,
                                                      const std::vector<DayMoves>& path);

// The sessions of SEED's path of fhs to be drawn anew, one entry a time; none for a path too long.
[[nodiscard]] std::vector<std::uint64_t> sessions_to_redraw(const std::shared_ptr<const FhsParameters>& parameters,
                                                            std::uint64_t seed, std::size_t sessions);

// The seed of the path that MODEL, which remembers nothing of history but may resemble it by chance, is to play for
// SEED: SEED itself, else the first of a row made from it whose path has no copy.
[[nodiscard]] std::uint64_t seed_without_copies(const BarModel& model, const Panel& panel, std::uint64_t seed,
                                                std::size_t sessions);

}  // namespace stack::model
