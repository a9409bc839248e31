// Amazon Athena's refusals and failures as one line: what and where in the SQL, the query's id, what to do next.
// Thread-safety: free functions. Never fail: what they do not understand is passed on, on one line.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "query/athena_execution.hpp"

namespace stack::query {

// What the advice in an error names.
struct AthenaPlace {
  std::string_view database;
  std::string_view workgroup;
  std::string_view output_location;  // as asked for; empty: the workgroup's
};

// Whether what the catalog said is that there is no such table.
[[nodiscard]] bool says_not_found(std::string_view said);

// Of a query that FAILED, or was CANCELLED by somebody else.
[[nodiscard]] Error athena_failure(const AthenaExecution& execution, const AthenaPlace& place);

// Of a call that Athena refused with InvalidRequestException, MetadataException or the like. SAID: its sentence.
[[nodiscard]] Error athena_refusal(std::string_view code, std::string_view said, const AthenaPlace& place);

}  // namespace stack::query
