// A CloudFormation stack at work, watched to its end: each resource is told when it is done, and what failed first.
// Thread-safety: one caller. Failure: as CloudFormation; ErrorKind::interrupted where the user stops watching, which
// does not stop the stack.
#pragma once

#include <string>

#include "aws/cloudformation.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "deployment/news.hpp"

namespace stack::deployment {

struct StackWork {
  std::string id;
  std::string last_event;  // from before the work; empty: none
  std::size_t resources;   // how many there are to do; 0: not known
};

struct StackEnd {
  aws::StackState state;
  std::string failure;  // "Cluster (AWS::MSK::ServerlessCluster): reason"; empty: none failed
};

// Whether CloudFormation works on a stack of this status.
[[nodiscard]] bool is_at_work(std::string_view status);
[[nodiscard]] Result<StackEnd> follow(aws::CloudFormation& service, const StackWork& work, const News& news,
                                      const StopFlag& stop);

}  // namespace stack::deployment
