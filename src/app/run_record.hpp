// What a run writes down in its lake of the topic that it uses, so that `stack clean` knows what a run has left and
// takes nothing else: _stack/runs/<topic>.json.
// Thread-safety: as ObjectStore. Failure: ErrorKind::storage, also for a record that is none.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::app {

struct RunRecord {
  std::string feed;
  std::string topic;
  std::string topic_id;     // Kafka's own: another for a topic of the same name on another cluster, or made anew
  bool made_topic = false;  // the run made it, rather than finding it
};

// The first record of a topic stays: who goes on with a run did not make its topic.
[[nodiscard]] Result<void> record_run(const RunRecord& record, lake::ObjectStore& store);
[[nodiscard]] Result<std::vector<RunRecord>> recorded_runs(lake::ObjectStore& store);

}  // namespace stack::app
