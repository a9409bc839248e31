#include "app/injected_faults.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>
#include <vector>

#include "app/json_object.hpp"
#include "app/progress.hpp"

namespace stack::app {
namespace {

std::array<std::pair<std::string_view, std::uint64_t>, 5> named(const market::FaultCounts& faults) {
  return {{{"late", faults.late},
           {"held", faults.held},
           {"duplicated", faults.duplicated},
           {"malformed", faults.malformed},
           {"dropped", faults.dropped}}};
}

}  // namespace

std::string faults_json(const market::FaultCounts& faults) {
  JsonObject object;
  for (const auto& [name, count] : named(faults)) object.number(name, count);
  return object.str();
}

std::string faults_text(const market::FaultCounts& faults) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : named(faults))
    if (count > 0) parts.push_back(fmt::format("{} {}", with_commas(count), name));
  return parts.empty() ? "no faults" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace stack::app
