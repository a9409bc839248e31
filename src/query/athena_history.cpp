#include "query/athena_history.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "lake/json_text.hpp"
#include "query/athena_error.hpp"

namespace stack::query {
namespace {

using lake::json_string;

constexpr std::size_t kBatch = 50;  // the most that either call takes
constexpr std::string_view kRefused = "InvalidRequestException";

struct Listed {
  std::vector<std::string> ids;
  std::string next;
};

Result<Listed> list(aws::ServiceClient& client, const std::string& workgroup, std::size_t most,
                    const std::string& token) {
  STACK_TRY_ASSIGN(answer,
                   client.call("ListQueryExecutions",
                               fmt::format(R"({{"WorkGroup":{},"MaxResults":{}{}}})", json_string(workgroup), most,
                                           token.empty() ? "" : fmt::format(R"(,"NextToken":{})", json_string(token))),
                               {kRefused}, fmt::format("workgroup {}", workgroup)));
  if (!answer.code.empty())
    return std::unexpected(
        athena_refusal(answer.code, answer.said, {.database = {}, .workgroup = workgroup, .output_location = {}}));
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  simdjson::dom::array ids;
  Listed out;
  if (parser.parse(answer.body).get(object) != simdjson::SUCCESS)
    return fail(ErrorKind::storage, "Amazon Athena's answer is no list of queries: check AWS_ENDPOINT_URL_ATHENA");
  std::string_view text;
  if (object["QueryExecutionIds"].get(ids) == simdjson::SUCCESS)
    for (const auto id : ids)
      if (id.get(text) == simdjson::SUCCESS) out.ids.emplace_back(text);
  if (object["NextToken"].get(text) == simdjson::SUCCESS) out.next = text;
  return out;
}

Result<std::vector<AthenaExecution>> get(aws::ServiceClient& client, const std::vector<std::string>& ids) {
  std::string body;
  for (const std::string& id : ids) body += (body.empty() ? R"({"QueryExecutionIds":[)" : ",") + json_string(id);
  STACK_TRY_ASSIGN(answer, client.call("BatchGetQueryExecution", body + "]}"));
  STACK_TRY_ASSIGN(found, parse_executions(answer.body));
  // In the order of the list.
  std::vector<AthenaExecution> ordered;
  for (const std::string& id : ids) {
    const auto at = std::ranges::find(found, id, &AthenaExecution::id);
    if (at == found.end())
      return fail(ErrorKind::storage,
                  fmt::format("Amazon Athena lists query {} and does not tell of it: ask again, or for fewer with "
                              "--history",
                              id));
    ordered.push_back(std::move(*at));
  }
  return ordered;
}

class HistoryTable final : public ResultTable {
 public:
  explicit HistoryTable(RowBatch rows) : rows_(std::move(rows)) {}

  static std::vector<ResultColumn> make_columns() {
    return {{"started", "timestamp", ValueKind::timestamp}, {"state", "varchar", ValueKind::text},
            {"seconds", "double", ValueKind::number},       {"bytes_scanned", "bigint", ValueKind::number},
            {"cost_usd", "double", ValueKind::number},      {"reused", "boolean", ValueKind::boolean},
            {"query_id", "varchar", ValueKind::text},       {"sql", "varchar", ValueKind::text}};
  }
  [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
  [[nodiscard]] Result<std::optional<RowBatch>> next() override { return std::exchange(rows_, std::nullopt); }

 private:
  std::vector<ResultColumn> columns_ = make_columns();
  std::optional<RowBatch> rows_;
};

}  // namespace

Result<std::vector<AthenaExecution>> athena_history(aws::ServiceClient& client, const std::string& workgroup,
                                                    std::size_t most, const StopFlag& stop) {
  std::vector<AthenaExecution> all;
  std::string token;
  do {
    if (stop.requested()) return fail(ErrorKind::interrupted, "the listing was interrupted");
    STACK_TRY_ASSIGN(listed, list(client, workgroup, std::min(kBatch, most - all.size()), token));
    token = std::move(listed.next);
    if (listed.ids.empty()) continue;  // BatchGetQueryExecution wants one at least
    STACK_TRY_ASSIGN(found, get(client, listed.ids));
    std::ranges::move(found, std::back_inserter(all));
  } while (all.size() < most && !token.empty());
  return all;
}

std::unique_ptr<ResultTable> history_table(const std::vector<AthenaExecution>& executions) {
  RowBatch rows(HistoryTable::make_columns().size());
  const auto add = [&rows](std::string_view text) {
    rows.text() += text;
    rows.end_value();
  };
  for (const AthenaExecution& execution : executions) {
    if (execution.submitted)
      add(format_micros(*execution.submitted));
    else
      rows.null_value();
    add(name_of(execution.state));
    add(fmt::format("{:.3f}", std::chrono::duration<double>(execution.total).count()));
    add(std::to_string(execution.bytes_scanned));
    add(cost_text(cost_usd(execution)));
    add(execution.reused ? "true" : "false");
    add(execution.id);
    add(execution.sql);
  }
  return std::make_unique<HistoryTable>(std::move(rows));
}

}  // namespace stack::query
