#include "query/athena_engine.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <random>
#include <utility>

#include "core/stoppable_wait.hpp"
#include "lake/json_text.hpp"
#include "query/athena_error.hpp"
#include "query/athena_results.hpp"
#include "query/statements.hpp"

namespace stack::query {
namespace {

using lake::json_string;

constexpr std::string_view kRefused = "InvalidRequestException";
constexpr std::string_view kNoMetadata = "MetadataException";

// One token a query: a start that is tried again, because its answer was lost, starts nothing new.
std::string new_token() {
  std::random_device random;
  std::string token = "stack-";
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", random());
  return token;
}

std::string start_body(std::string_view sql, std::span<const Parameter> parameters, const AthenaOptions& options) {
  std::string body = fmt::format(
      R"({{"QueryString":{},"ClientRequestToken":{},"QueryExecutionContext":{{"Database":{},"Catalog":{}}},"WorkGroup":{})",
      json_string(sql), json_string(new_token()), json_string(options.database), json_string(options.catalog),
      json_string(options.workgroup));
  if (!options.output_location.empty())
    body += fmt::format(R"(,"ResultConfiguration":{{"OutputLocation":{}}})", json_string(options.output_location));
  if (options.reuse_age)
    body += fmt::format(
        R"(,"ResultReuseConfiguration":{{"ResultReuseByAgeConfiguration":{{"Enabled":true,"MaxAgeInMinutes":{}}}}})",
        options.reuse_age->count());
  for (std::size_t i = 0; i < parameters.size(); ++i)
    body += fmt::format("{}{}", i == 0 ? R"(,"ExecutionParameters":[)" : ",", json_string(sql_literal(parameters[i])));
  return body + (parameters.empty() ? "}" : "]}");
}

std::string id_body(const std::string& id) { return fmt::format(R"({{"QueryExecutionId":{}}})", json_string(id)); }

// What Athena takes at most, in characters.
constexpr std::size_t kLongestSql = 262'144;
constexpr std::size_t kLongestParameter = 1'024;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<void> check_lengths(std::string_view sql, std::span<const Parameter> parameters) {
  if (characters(sql) > kLongestSql)
    return fail(ErrorKind::query,
                fmt::format("the SQL has {} characters, and Athena takes {} at most", characters(sql), kLongestSql));
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (const auto length = characters(sql_literal(parameters[i])); length > kLongestParameter)
      return fail(ErrorKind::query, fmt::format("--param number {} has {} characters as a literal of SQL, and Athena "
                                                "takes {} at most: write it into the SQL",
                                                i + 1, length, kLongestParameter));
  return {};
}

Error interrupted() { return {ErrorKind::interrupted, "the query was interrupted"}; }

// ERROR of a start that was sent and whose answer did not come.
Error perhaps_started(Error error) {
  if (error.kind == ErrorKind::unreachable || error.kind == ErrorKind::interrupted)
    error.message +=
        "; whether Athena had started the query is not known: `stack query --engine athena --history 5` lists the last";
  return error;
}

AthenaPlace place_of(const AthenaOptions& options) {
  return {options.database, options.workgroup, options.output_location};
}

}  // namespace

std::string AthenaEngine::description() const {
  return fmt::format("Amazon Athena in {}, workgroup {}, database {}", client_.region(), options_.workgroup,
                     options_.database);
}

Result<bool> AthenaEngine::has_table(std::string_view name) {
  STACK_TRY_ASSIGN(answer, client_.call("GetTableMetadata",
                                        fmt::format(R"({{"CatalogName":{},"DatabaseName":{},"TableName":{}}})",
                                                    json_string(options_.catalog), json_string(options_.database),
                                                    json_string(name)),
                                        {kNoMetadata}, fmt::format("table {}.{}", options_.database, name)));
  if (answer.code.empty()) return true;
  // The same code comes where Athena may not look, or where the catalog is in trouble.
  if (says_not_found(answer.said)) return false;
  return std::unexpected(athena_refusal(answer.code, answer.said, place_of(options_)));
}

Result<std::string> AthenaEngine::start(std::string_view sql, std::span<const Parameter> parameters) {
  STACK_TRY(check_lengths(sql, parameters));
  bool sent = false;
  auto answered = client_.call("StartQueryExecution", start_body(sql, parameters, options_), {kRefused, kNoMetadata},
                               fmt::format("workgroup {}", options_.workgroup), &sent);
  if (!answered)
    return std::unexpected(sent ? perhaps_started(std::move(answered).error()) : std::move(answered).error());
  const aws::ServiceAnswer& answer = *answered;
  if (!answer.code.empty()) return std::unexpected(athena_refusal(answer.code, answer.said, place_of(options_)));
  simdjson::dom::parser parser;
  std::string_view id;
  if (parser.parse(answer.body)["QueryExecutionId"].get(id) != simdjson::SUCCESS)
    return fail(ErrorKind::storage,
                fmt::format("{}: the answer names no query; check AWS_ENDPOINT_URL_ATHENA", client_.endpoint()));
  return std::string(id);
}

// ENDED is why nobody waits for the query any more; nobody shall pay for what nobody reads.
Error AthenaEngine::stop_query(const std::string& id, Error ended) {
  auto answer = stopper_.call("StopQueryExecution", id_body(id), {kRefused}, fmt::format("query {}", id));
  if (answer && answer->code.empty()) {
    ended.message += fmt::format("; Athena was told to stop it (Athena query {})", id);
  } else {
    ended.message += fmt::format(
        "; Athena did not take the order to stop it ({}), so that it may run on and cost: "
        "aws athena stop-query-execution --query-execution-id {}",
        answer ? answer->said : answer.error().message, id);
  }
  return ended;
}

Result<void> AthenaEngine::follow(const std::string& id) {
  for (Milliseconds wait = options_.first_wait;; wait = std::min(wait * 3 / 2, options_.longest_wait)) {
    auto answer = client_.call("GetQueryExecution", id_body(id), {}, fmt::format("query {}", id));
    if (!answer && answer.error().kind == ErrorKind::interrupted) return std::unexpected(stop_query(id, interrupted()));
    if (!answer) return std::unexpected(stop_query(id, std::move(answer).error()));
    auto seen = parse_execution(answer->body);
    if (!seen) return std::unexpected(stop_query(id, std::move(seen).error()));
    last_ = *std::move(seen);
    const bool wanted = !watch_ || watch_(last_);
    if (has_ended(last_.state)) {
      if (last_.state == AthenaState::succeeded) return {};
      return std::unexpected(athena_failure(last_, place_of(options_)));
    }
    if (!wanted || !wait_unless_stopped(wait, &stop_)) return std::unexpected(stop_query(id, interrupted()));
  }
}

Result<std::unique_ptr<ResultTable>> AthenaEngine::answer(std::string_view sql, std::span<const Parameter> parameters) {
  STACK_TRY_ASSIGN(asked, read_statement(sql, SqlDialect::athena));
  last_ = {};
  if (stop_.requested()) return std::unexpected(interrupted());
  STACK_TRY_ASSIGN(id, start(asked.text, parameters));
  last_.id = id;
  STACK_TRY(follow(id));
  const PageSource pages = [this, id](const std::string& token) -> Result<std::string> {
    if (stop_.requested()) return std::unexpected(interrupted());
    STACK_TRY_ASSIGN(
        page,
        client_.call("GetQueryResults",
                     fmt::format(R"({{"QueryExecutionId":{},"MaxResults":{}{}}})", json_string(id), kAthenaPageRows,
                                 token.empty() ? "" : fmt::format(R"(,"NextToken":{})", json_string(token))),
                     {kRefused}, fmt::format("results of query {}", id)));
    if (!page.code.empty()) return std::unexpected(athena_refusal(page.code, page.said, place_of(options_)));
    return std::move(page.body);
  };
  return athena_table(pages, header_of(last_));
}

}  // namespace stack::query
