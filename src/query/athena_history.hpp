// The last queries of a workgroup of Amazon Athena, the newest first: ListQueryExecutions and BatchGetQueryExecution.
// Thread-safety: free functions. Failure: as aws::ServiceClient's call; ErrorKind::usage for a workgroup that there is
// not; ErrorKind::interrupted when STOP is set.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/service_client.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "query/athena_execution.hpp"
#include "query/engine.hpp"

namespace stack::query {

[[nodiscard]] Result<std::vector<AthenaExecution>> athena_history(aws::ServiceClient& client,
                                                                  const std::string& workgroup, std::size_t most,
                                                                  const StopFlag& stop);

// As a table for the printers: started, state, seconds, bytes_scanned, cost_usd, reused, query_id, sql.
[[nodiscard]] std::unique_ptr<ResultTable> history_table(const std::vector<AthenaExecution>& executions);

}  // namespace stack::query
