// The report as one HTML file that needs nothing else: styles and pictures (SVG) are in it, there is no script.
// Thread-safety: pure. Never fails.
#pragma once

#include <string>
#include <vector>

#include "realism/comparison.hpp"
#include "realism/day_profile.hpp"

namespace stack::realism {

struct PageInput {
  const Comparison& comparison;
  const std::vector<DayProfile>& profiles;
  std::string history_name;     // e.g. the file's
  std::string simulation_name;  // e.g. the file's, or the model and its seed
};

[[nodiscard]] std::string report_page(const PageInput& input);

}  // namespace stack::realism
