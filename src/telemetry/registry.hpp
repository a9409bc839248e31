// Who has figures to show. A scrape asks each of them, so that what nobody scrapes costs nothing but the counting.
// Thread-safety: all members may be called from any thread; collectors are called one after the other, under a lock.
// Never fails.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "telemetry/exposition.hpp"

namespace stack::telemetry {

using Collector = std::function<void(Exposition&)>;

class Registry {
 public:
  // What COLLECTOR looks at outlives the registry.
  void add(Collector collector);
  [[nodiscard]] std::string scrape() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Collector> collectors_;
};

}  // namespace stack::telemetry
