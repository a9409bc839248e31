#include "telemetry/registry.hpp"

namespace stack::telemetry {

void Registry::add(Collector collector) {
  const std::lock_guard lock{mutex_};
  collectors_.push_back(std::move(collector));
}

std::string Registry::scrape() const {
  Exposition exposition;
  const std::lock_guard lock{mutex_};
  for (const auto& collector : collectors_) collector(exposition);
  return exposition.text();
}

}  // namespace stack::telemetry
