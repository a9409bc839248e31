// A deployment removed, with what it keeps if that is wanted. Thread-safety: one caller. Failure: as Deployment;
// ErrorKind::usage where there is nothing to remove.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aws/cloudformation.hpp"
#include "core/result.hpp"
#include "deployment/deployment.hpp"

namespace stack::deployment {

struct Removal {
  std::optional<aws::StackState> stack;  // none: it is gone, its bucket may not be
  std::string bucket;
  std::vector<std::string> prefixes;  // of what in the bucket is the deployment's; one that is empty: all
};

struct RemovedData {
  std::uint64_t versions = 0;  // of objects
  bool bucket = false;         // is gone
};

// Nothing is removed yet. WITH_DATA: a bucket that outlived its stack is meant too.
[[nodiscard]] Result<Removal> plan_removal(const Deployment& deployment, bool with_data);
// Counts in REMOVED while it works; interrupted, it can be called again.
[[nodiscard]] Result<RemovedData> remove_data(const Deployment& deployment, const Removal& removal,
                                              std::atomic<std::uint64_t>& removed);

}  // namespace stack::deployment
