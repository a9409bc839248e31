// The report as one HTML file that needs nothing else: styles and pictures (SVG) are in it, there is no script.
// Thread-safety: pure. Never fails.
#pragma once

#include <string>
#include <vector>

#include "realism/comparison.hpp"
#include "realism/day_profile.hpp"

namespace stack::realism {

struct NamedScore {
  std::string name;  // e.g. "seed 3", or the file's name
  Score score;
};

struct PageInput {
  const Comparison& comparison;  // of the first simulation
  const std::vector<DayProfile>& profiles;
  std::string history_name;                      // e.g. the file's
  std::string simulation_name;                   // e.g. the file's, or the model and its seed
  std::vector<NamedScore> scores;                // of all simulations, the first one's first
  std::vector<std::vector<DailySeries>> others;  // the simulations after the first: paths and fans show them too
};

// The middle one of the scores' shares, the mean of the middle two of an even number.
[[nodiscard]] double median_share(const std::vector<NamedScore>& scores);

[[nodiscard]] std::string report_page(const PageInput& input);

}  // namespace stack::realism
