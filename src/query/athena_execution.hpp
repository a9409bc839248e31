// One query as Amazon Athena tells of it: GetQueryExecution, BatchGetQueryExecution; and what it costs.
// (https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html)
// Thread-safety: values and free functions. Failure: ErrorKind::storage for an answer that is none of Athena's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::query {

enum class AthenaState : std::uint8_t { queued, running, succeeded, failed, cancelled };
[[nodiscard]] std::string_view name_of(AthenaState state);  // "QUEUED", …
[[nodiscard]] constexpr bool has_ended(AthenaState state) { return state >= AthenaState::succeeded; }

struct AthenaExecution {
  std::string id;
  AthenaState state = AthenaState::queued;
  std::string reason;          // why it is in that state, where Athena says so
  bool retryable = false;      // of a failure: the same query may succeed when it is run again
  std::string statement_type;  // DML, DDL, UTILITY
  std::string substatement;    // SELECT, EXPLAIN, SHOW_TABLES, …; may be empty
  std::string sql;
  std::optional<Micros> submitted;
  std::uint64_t bytes_scanned = 0;  // so far
  Milliseconds queued{0};
  Milliseconds engine{0};  // in the engine
  Milliseconds total{0};   // from start to end
  bool reused = false;     // the result of an earlier query
};

// Price in most regions: 5 USD a TB (2^40 bytes) scanned, rounded up to the MB (2^20), at least 10 MB a query.
// Nothing for DDL, for statements that scan nothing (SHOW, EXPLAIN), for failures and for reused results; a query that
// was cancelled pays for what it had scanned. (https://aws.amazon.com/athena/pricing/)
[[nodiscard]] double cost_usd(const AthenaExecution& execution);
// "0.000048": six digits, a query's least price being no less.
[[nodiscard]] std::string cost_text(double usd);

// From the answer to GetQueryExecution.
[[nodiscard]] Result<AthenaExecution> parse_execution(std::string_view answer);
// From the answer to BatchGetQueryExecution, in its order.
[[nodiscard]] Result<std::vector<AthenaExecution>> parse_executions(std::string_view answer);

}  // namespace stack::query
