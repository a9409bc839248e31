// The rows of an Athena query, from the pages of GetQueryResults.
// (https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html)
// Values are Athena's own text: arrays, maps and rows have no quotes in it and are shown as text, so CAST(x AS JSON)
// is what makes them JSON.
// Thread-safety: as ResultTable. Failure: what the page's call fails with; ErrorKind::storage for an answer that is no
// page.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "query/athena_execution.hpp"
#include "query/engine.hpp"

namespace stack::query {

inline constexpr int kAthenaPageRows = 1'000;  // the most that a page may have

struct AthenaPage {
  std::vector<ResultColumn> columns;
  RowBatch rows{0};
  std::string next;  // token of the next page; empty: this is the last
};

// Whether the first row of the first page repeats the columns' names. It does for queries, not for SHOW, DESCRIBE and
// DDL; for EXPLAIN, whose plan is one column, it is looked for.
enum class AthenaHeader : std::uint8_t { none, first_row, if_it_repeats_names };
[[nodiscard]] AthenaHeader header_of(const AthenaExecution& execution);

[[nodiscard]] Result<AthenaPage> parse_page(std::string_view answer, AthenaHeader header);

[[nodiscard]] ValueKind kind_of_athena_type(std::string_view type);

// The page with that token, empty for the first: the answer's text.
using PageSource = std::function<Result<std::string>(const std::string& token)>;
[[nodiscard]] Result<std::unique_ptr<ResultTable>> athena_table(PageSource source, AthenaHeader header);

}  // namespace stack::query
