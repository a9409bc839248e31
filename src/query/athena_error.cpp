#include "query/athena_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <initializer_list>

namespace stack::query {
namespace {

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (out.ends_with(' ') || out.ends_with('.')) out.pop_back();
  return out;
}

// Without regard to case.
bool says(std::string_view text, std::initializer_list<std::string_view> all) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  return std::ranges::all_of(all,
                             [&](std::string_view words) { return !std::ranges::search(text, words, same).empty(); });
}

// Takes "line 1:8: " out of TEXT; what stands there then, as DuckDB's errors have it: " at line 1, column 8".
std::string take_place(std::string& text) {
  constexpr std::string_view kLine = "line ";
  for (std::size_t at = text.find(kLine); at != std::string::npos; at = text.find(kLine, at + 1)) {
    if (at > 0 && text[at - 1] != ' ') continue;
    const char* const end = text.data() + text.size();
    unsigned line = 0;
    unsigned column = 0;
    const auto first = std::from_chars(text.data() + at + kLine.size(), end, line);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') continue;
    const auto second = std::from_chars(first.ptr + 1, end, column);
    if (second.ec != std::errc{} || second.ptr == end || *second.ptr != ':') continue;
    const std::size_t after = static_cast<std::size_t>(second.ptr - text.data()) + 1;
    text.erase(at, std::min(after + (after < text.size() && text[after] == ' ' ? 1 : 0), text.size()) - at);
    return fmt::format(" at line {}, column {}", line, column);
  }
  return {};
}

// Before "SQL error" is said: refusals that have nothing to do with the SQL.
struct Known {
  ErrorKind kind;
  std::string advice;
};

std::string name_output(const AthenaPlace& place) {
  return place.output_location.empty() ? fmt::format("workgroup {}'s result location", place.workgroup)
                                       : fmt::format("--output-location {} (or the one that workgroup {} enforces)",
                                                     place.output_location, place.workgroup);
}

// Whether SAID is about the SQL, whose names it may quote.
bool is_about_sql(std::string_view said) {
  if (said.starts_with("PERMISSION_DENIED")) return false;
  std::string text(said);
  return !take_place(text).empty() || says(said, {"syntax_error"}) || says(said, {"column_not_found"}) ||
         says(said, {"table_not_found"}) || says(said, {"schema_not_found"}) || says(said, {"type_mismatch"});
}

Known known_trouble(std::string_view said, const AthenaPlace& place) {
  if (is_about_sql(said)) return {ErrorKind::query, {}};
  if (says(said, {"output location", "provided"}))
    return {ErrorKind::usage,
            fmt::format("; name one with --output-location s3://BUCKET/PREFIX/, or set one in workgroup {}",
                        place.workgroup)};
  if (says(said, {"output bucket"}) || says(said, {"writing output"}) || says(said, {"writing to location"}))
    return {says(said, {"denied"}) ? ErrorKind::access : ErrorKind::storage,
            fmt::format("; check that {} is a bucket that exists, in this region, and that the caller may "
                        "s3:GetBucketLocation, s3:ListBucket and s3:PutObject there",
                        name_output(place))};
  if (says(said, {"workgroup", "disabled"}))
    return {ErrorKind::conflict, fmt::format("; enable workgroup {} (athena:UpdateWorkGroup), or name another with "
                                             "--workgroup",
                                             place.workgroup)};
  if (says(said, {"workgroup", "not found"}) || says(said, {"workgroup", "not exist"}))
    return {ErrorKind::usage, "; --workgroup names it, and it must be in the region of --region"};
  if (says(said, {"bytes scanned limit"}))
    return {ErrorKind::query, fmt::format("; read less (fewer columns, WHERE dt = …), or raise the limit of workgroup "
                                          "{}",
                                          place.workgroup)};
  if (says(said, {"access denied"}) || says(said, {"accessdenied"}) || says(said, {"not authorized to perform"}) ||
      says(said, {"insufficient permissions"}) || says(said, {"permission_denied"}))
    return {ErrorKind::access,
            "; the caller needs glue:GetTable and glue:GetPartitions on the table, and s3:GetObject "
            "and s3:ListBucket on its location"};
  return {ErrorKind::query, {}};
}

std::string sql_advice(std::string_view said, const AthenaPlace& place) {
  if (says(said, {"schema", "does not exist"}) || says(said, {"database", "not found"}))
    return fmt::format("; --database names the database ({} now), SHOW DATABASES lists them", place.database);
  if (says(said, {"table", "does not exist"}) || says(said, {"table", "not found"}))
    return fmt::format("; SHOW TABLES lists the tables of database {}, `stack crawl --catalog glue` registers a lake's",
                       place.database);
  if (says(said, {"hive_bad_data"}))
    return "; a file does not hold what the table's columns say: `stack crawl` finds the types that do";
  return {};
}

}  // namespace

bool says_not_found(std::string_view said) {
  if (says(said, {"denied"}) || says(said, {"not authorized"}) || says(said, {"permission"})) return false;
  return says(said, {"entitynotfound"}) || says(said, {"entity not found"}) || says(said, {"table", "not found"});
}

Error athena_failure(const AthenaExecution& execution, const AthenaPlace& place) {
  std::string said = one_line(execution.reason);
  if (said.empty()) said = "Athena gives no reason";
  const Known known = known_trouble(said, place);
  const std::string id = fmt::format(" (Athena query {})", execution.id);
  if (known.kind != ErrorKind::query) return {known.kind, fmt::format("Amazon Athena: {}{}{}", said, known.advice, id)};
  if (execution.state == AthenaState::cancelled)
    return {ErrorKind::query, fmt::format("the query was cancelled: {}{}{}", said, known.advice, id)};
  const std::string at = take_place(said);
  std::string advice = known.advice + sql_advice(said, place);
  if (execution.retryable) advice += "; Athena says that it may succeed when it is run again";
  return {ErrorKind::query, fmt::format("SQL error{}: {}{}{}", at, said, advice, id)};
}

Error athena_refusal(std::string_view code, std::string_view said, const AthenaPlace& place) {
  std::string text = one_line(said);
  const Known known = known_trouble(text, place);
  if (known.kind != ErrorKind::query) return {known.kind, fmt::format("Amazon Athena: {}{}", text, known.advice)};
  const std::string at = take_place(text);
  const bool about_sql = !at.empty();
  return {ErrorKind::query, fmt::format("{}{}: {}{}", about_sql ? "SQL error" : "Amazon Athena refuses the query", at,
                                        text, about_sql ? sql_advice(text, place) : fmt::format(" ({})", code))};
}

}  // namespace stack::query
