#include "query/athena_engine.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "lake/json_text.hpp"
#include "query/athena_error.hpp"
#include "query/athena_results.hpp"
#include "query/statements.hpp"

namespace stack::query {
namespace {

using lake::json_string;

constexpr Milliseconds kLookForStop{25};
constexpr std::string_view kRefused = "InvalidRequestException";
constexpr std::string_view kNoMetadata = "MetadataException";
constexpr std::string_view kNoResource = "ResourceNotFoundException";

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

AthenaPlace place_of(const AthenaOptions& options) {
  return {options.database, options.workgroup, options.output_location};
}

}  // namespace

// Stops the query when it goes before release(): whatever ended the wait, nobody pays for what nobody reads.
class AthenaEngine::Running {
 public:
  Running(aws::ServiceClient& client, const std::string& id) : client_(client), id_(id) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    // What is refused here has ended by itself, or cannot be reached: the error that led here is the one to tell.
    if (!released_) (void)client_.call("StopQueryExecution", id_body(id_), {kRefused});
  }
  void release() { released_ = true; }

 private:
  aws::ServiceClient& client_;
  const std::string& id_;
  bool released_ = false;
};

std::string AthenaEngine::description() const {
  return fmt::format("Amazon Athena in {}, workgroup {}, database {}", client_.region(), options_.workgroup,
                     options_.database);
}

Result<bool> AthenaEngine::has_table(std::string_view name) {
  STACK_TRY_ASSIGN(
      answer,
      client_.call("GetTableMetadata",
                   fmt::format(R"({{"CatalogName":{},"DatabaseName":{},"TableName":{}}})",
                               json_string(options_.catalog), json_string(options_.database), json_string(name)),
                   {kNoMetadata, kNoResource}, fmt::format("table {}.{}", options_.database, name)));
  return answer.code.empty();
}

Result<std::string> AthenaEngine::start(std::string_view sql, std::span<const Parameter> parameters) {
  STACK_TRY_ASSIGN(answer,
                   client_.call("StartQueryExecution", start_body(sql, parameters, options_),
                                {kRefused, kNoMetadata, kNoResource}, fmt::format("workgroup {}", options_.workgroup)));
  if (!answer.code.empty()) return std::unexpected(athena_refusal(answer.code, answer.said, place_of(options_)));
  simdjson::dom::parser parser;
  std::string_view id;
  if (parser.parse(answer.body)["QueryExecutionId"].get(id) != simdjson::SUCCESS)
    return fail(ErrorKind::storage,
                fmt::format("{}: the answer names no query; check AWS_ENDPOINT_URL_ATHENA", client_.endpoint()));
  return std::string(id);
}

// Whether it is time to go on: not, when the wait was ended by the flag.
bool AthenaEngine::pause(Milliseconds time) const {
  for (Milliseconds left = time; left.count() > 0 && !stop_.requested(); left -= kLookForStop)
    std::this_thread::sleep_for(std::min(left, kLookForStop));
  return !stop_.requested();
}

Result<void> AthenaEngine::follow(const std::string& id) {
  Running running(client_, id);
  for (Milliseconds wait = options_.first_wait;; wait = std::min(wait * 3 / 2, options_.longest_wait)) {
    auto answer = client_.call("GetQueryExecution", id_body(id), {}, fmt::format("query {}", id));
    if (!answer) return std::unexpected(std::move(answer).error().within(fmt::format("Athena query {}", id)));
    STACK_TRY_ASSIGN(seen, parse_execution(answer->body));
    last_ = std::move(seen);
    const bool wanted = !watch_ || watch_(last_);
    if (has_ended(last_.state)) {
      running.release();
      if (last_.state == AthenaState::succeeded) return {};
      return std::unexpected(athena_failure(last_, place_of(options_)));
    }
    if (!wanted || !pause(wait))
      return fail(ErrorKind::interrupted, fmt::format("the query was interrupted and stopped (Athena query {})", id));
  }
}

Result<std::unique_ptr<ResultTable>> AthenaEngine::answer(std::string_view sql, std::span<const Parameter> parameters) {
  STACK_TRY_ASSIGN(asked, read_statement(sql));
  last_ = {};
  if (stop_.requested()) return fail(ErrorKind::interrupted, "the query was interrupted");
  STACK_TRY_ASSIGN(id, start(asked.text, parameters));
  last_.id = id;
  STACK_TRY(follow(id));
  const PageSource pages = [this, id](const std::string& token) -> Result<std::string> {
    if (stop_.requested()) return fail(ErrorKind::interrupted, "the query was interrupted");
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
