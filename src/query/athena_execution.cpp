#include "query/athena_execution.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace stack::query {
namespace {

using simdjson::dom::element;

constexpr std::array<std::string_view, 5> kStates{"QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"};

constexpr std::uint64_t kMegabyte = 1ULL << 20U;
constexpr std::uint64_t kLeastMegabytes = 10;
constexpr double kUsdPerMegabyte = 5.0 / (1U << 20U);

std::string text_at(element parent, std::string_view pointer) {
  std::string_view text;
  if (parent.at_pointer(pointer).get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

std::uint64_t number_at(element parent, std::string_view pointer) {
  std::uint64_t number = 0;
  if (parent.at_pointer(pointer).get(number) != simdjson::SUCCESS) return 0;
  return number;
}

Milliseconds time_at(element parent, std::string_view pointer) {
  return Milliseconds{static_cast<std::int64_t>(number_at(parent, pointer))};
}

bool flag_at(element parent, std::string_view pointer) {
  bool flag = false;
  return parent.at_pointer(pointer).get(flag) == simdjson::SUCCESS && flag;
}

std::unexpected<Error> not_athena(std::string_view what) {
  return fail(ErrorKind::storage,
              fmt::format("Amazon Athena's answer {}: check AWS_ENDPOINT_URL_ATHENA and AWS_ENDPOINT_URL", what));
}

Result<AthenaExecution> execution_of(element object) {
  AthenaExecution out;
  out.id = text_at(object, "/QueryExecutionId");
  const std::string state = text_at(object, "/Status/State");
  const auto* known = std::ranges::find(kStates, state);
  if (out.id.empty() || known == kStates.end()) return not_athena("has no query's id and state");
  out.state = static_cast<AthenaState>(known - kStates.begin());
  out.reason = text_at(object, "/Status/StateChangeReason");
  if (out.reason.empty()) out.reason = text_at(object, "/Status/AthenaError/ErrorMessage");
  out.retryable = flag_at(object, "/Status/AthenaError/Retryable");
  out.statement_type = text_at(object, "/StatementType");
  out.substatement = text_at(object, "/SubstatementType");
  out.sql = text_at(object, "/Query");
  double submitted = 0;
  if (object.at_pointer("/Status/SubmissionDateTime").get(submitted) == simdjson::SUCCESS)
    out.submitted = Micros{std::chrono::microseconds{std::llround(submitted * 1e6)}};
  out.bytes_scanned = number_at(object, "/Statistics/DataScannedInBytes");
  out.queued = time_at(object, "/Statistics/QueryQueueTimeInMillis");
  out.engine = time_at(object, "/Statistics/EngineExecutionTimeInMillis");
  out.total = time_at(object, "/Statistics/TotalExecutionTimeInMillis");
  out.reused = flag_at(object, "/Statistics/ResultReuseInformation/ReusedPreviousResult");
  return out;
}

}  // namespace

std::string_view name_of(AthenaState state) { return kStates.at(static_cast<std::size_t>(state)); }

double cost_usd(const AthenaExecution& execution) {
  if (execution.reused || execution.state == AthenaState::failed || execution.statement_type == "DDL") return 0;
  const bool ran_a_query = execution.statement_type == "DML" && execution.state == AthenaState::succeeded;
  if (execution.bytes_scanned == 0 && !ran_a_query) return 0;
  const std::uint64_t megabytes = (execution.bytes_scanned + kMegabyte - 1) / kMegabyte;
  return static_cast<double>(std::max(megabytes, kLeastMegabytes)) * kUsdPerMegabyte;
}

std::string cost_text(double usd) { return fmt::format("{:.6f}", usd); }

Result<AthenaExecution> parse_execution(std::string_view answer) {
  simdjson::dom::parser parser;
  element object;
  if (parser.parse(answer.data(), answer.size()).at_pointer("/QueryExecution").get(object) != simdjson::SUCCESS)
    return not_athena("tells of no query");
  return execution_of(object);
}

Result<std::vector<AthenaExecution>> parse_executions(std::string_view answer) {
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  if (parser.parse(answer.data(), answer.size()).at_pointer("/QueryExecutions").get(list) != simdjson::SUCCESS)
    return not_athena("tells of no queries");
  std::vector<AthenaExecution> out;
  for (const element object : list) {
    STACK_TRY_ASSIGN(execution, execution_of(object));
    out.push_back(std::move(execution));
  }
  return out;
}

}  // namespace stack::query
