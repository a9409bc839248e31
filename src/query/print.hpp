// Results on a stream: a table for people, CSV (RFC 4180) or JSON for programs. CSV and JSON are written as rows come;
// the table looks at its first rows to find the widths.
// Thread-safety: as the stream's. Failure: what the result fails with; a stream that takes no more, as on a full disk,
// is ErrorKind::storage. A closed pipe is the end and no failure.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "query/engine.hpp"

namespace stack::query {

enum class OutputFormat : std::uint8_t { table, csv, json };  // json: an array of one object a row
[[nodiscard]] std::optional<OutputFormat> parse_output_format(std::string_view name);

struct PrintOptions {
  OutputFormat format = OutputFormat::table;
  bool box = false;          // table: lines drawn with box characters; meant for terminals
  std::size_t width = 0;     // table: columns of the terminal; wider values and tables are cut; 0: no limit
  std::size_t max_rows = 0;  // table: rows shown, the rest is counted; 0: all
};

// Returns the number of rows.
[[nodiscard]] Result<std::uint64_t> print_result(ResultTable& result, const PrintOptions& options, std::FILE* out);

// The result as one JSON object without a newline at its end: {"columns":[{"name":…,"type":…},…],"rows":[{…},…],
// "row_count":…,"seconds":…}. SECONDS is asked for once the rows are written, and so is MORE, if given: members to come
// after them, as "a":1,"b":2.
[[nodiscard]] Result<std::uint64_t> print_object(ResultTable& result, const std::function<double()>& seconds,
                                                 std::FILE* out, const std::function<std::string()>& more = {});

}  // namespace stack::query
