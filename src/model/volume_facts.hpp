// A symbol's volume: where it stands now, and how it moves about its level.
// Thread-safety: plain values. Never fails: a symbol without volume has NaN for a level.
#pragma once

#include <cstddef>
#include <vector>

#include "model/panel.hpp"

namespace stack::model {

inline constexpr std::size_t kVolumeWindow = 250;  // sessions that make a local level

// Log volume less its local level, the mean over the kVolumeWindow sessions with volume about the date: so that
// decades of growing volume are not taken for its day-to-day moves. NaN where there is no volume.
[[nodiscard]] std::vector<double> volume_deviations(const PanelSeries& series);

struct VolumeFacts {
  double level = 0.0;        // mean log volume over the last kVolumeWindow sessions with volume; NaN: no volume
  double deviation = 0.0;    // of log volume about its local level
  double persistence = 0.0;  // its autocorrelation from one session with volume to the next
  double with_moves = 0.0;   // Spearman's rank correlation with |ret|
  double last = 0.0;         // the last deviation from the local level
};

[[nodiscard]] VolumeFacts volume_facts(const PanelSeries& series);

}  // namespace stack::model
