#include "catalog/glue_partitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <thread>

#include "aws/backoff.hpp"
#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

using lake::json_array;
using lake::json_string;
namespace dom = simdjson::dom;
using Values = std::vector<std::string>;

// https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html, API_BatchDeletePartition.html
constexpr std::size_t kBatch = 100;
constexpr std::size_t kDeleteBatch = 25;
constexpr int kMostRounds = 8;
// Of at most 1,000: with hundreds of columns a page of these still is a few MiB.
constexpr int kPage = 250;

bool may_pass(std::string_view code) {
  return code == "InternalServiceException" || code == "OperationTimeoutException" || code == "ThrottlingException" ||
         code == "ResourceNotReadyException" || code == kChangedMeanwhile;
}

// What a batch said of one of its partitions.
struct Refusal {
  Values values;
  std::string code;
  std::string message;
};

Result<std::vector<Refusal>> refusals_of(const std::string& body, std::string_view operation) {
  dom::parser parser;
  STACK_TRY_ASSIGN(answer, parse_answer(parser, body, operation));
  std::vector<Refusal> refusals;
  for (const dom::object error : objects_of(answer, "Errors")) {
    Refusal& refusal = refusals.emplace_back();
    refusal.values = texts_of(error, "PartitionValues");
    if (refusal.values.empty()) refusal.values = texts_of(error, "PartitionValueList");
    dom::object detail;
    if (error["ErrorDetail"].get(detail) != simdjson::SUCCESS) continue;
    refusal.code = text_of(detail, "ErrorCode");
    refusal.message = text_of(detail, "ErrorMessage");
  }
  return refusals;
}

// Writes the changes round by round: what a round could not do as planned is planned anew for the next.
class Writer {
 public:
  Writer(aws::ServiceClient& glue, const GlueTableName& table, PartitionChanges changes)
      : glue_(glue), table_(table), now_(std::move(changes)) {}

  Result<bool> run() {
    for (int round = 0; round < kMostRounds; ++round) {
      STACK_TRY_ASSIGN(there, write_round());
      if (!there) return false;
      if (next_.empty()) return true;
      if (wait_) std::this_thread::sleep_for(aws::pause_after(round));
      wait_ = false;
      now_ = std::exchange(next_, {});
    }
    return fail(ErrorKind::storage, fmt::format("AWS Glue did not take all partitions of {} in {} rounds{}: try again",
                                                table_.text(), kMostRounds, last_said_));
  }

 private:
  Result<bool> write_round() {
    for (std::size_t at = 0; at < now_.create.size(); at += kBatch) {
      STACK_TRY_ASSIGN(there, create({now_.create.begin() + static_cast<std::ptrdiff_t>(at), now_.create.end()}));
      if (!there) return false;
    }
    for (std::size_t at = 0; at < now_.update.size(); at += kBatch) {
      STACK_TRY_ASSIGN(there, update({now_.update.begin() + static_cast<std::ptrdiff_t>(at), now_.update.end()}));
      if (!there) return false;
    }
    for (std::size_t at = 0; at < now_.remove.size(); at += kDeleteBatch) {
      STACK_TRY_ASSIGN(there, remove({now_.remove.begin() + static_cast<std::ptrdiff_t>(at), now_.remove.end()}));
      if (!there) return false;
    }
    return true;
  }

  using Batch = std::span<const GluePartition* const>;

  Result<bool> create(Batch batch) {
    batch = batch.first(std::min(batch.size(), kBatch));
    std::string inputs;
    for (const GluePartition* partition : batch) inputs += (inputs.empty() ? "" : ",") + partition_input(*partition);
    STACK_TRY_ASSIGN(answer, glue_.call("BatchCreatePartition",
                                        fmt::format(R"({{{},"PartitionInputList":[{}]}})", table_.members(), inputs),
                                        {kNotFound, kAlreadyExists, kQuotaReached}, resource()));
    if (answer.code == kNotFound) return false;
    if (answer.code == kQuotaReached) return quota_reached(table_, answer.said);
    if (answer.code == kAlreadyExists) {  // some of them, and it does not say which
      next_.update.insert(next_.update.end(), batch.begin(), batch.end());
      return true;
    }
    return plan_again(answer.body, "BatchCreatePartition", batch, next_.create, kAlreadyExists, next_.update);
  }

  Result<bool> update(Batch batch) {
    batch = batch.first(std::min(batch.size(), kBatch));
    std::string entries;
    for (const GluePartition* partition : batch)
      entries += fmt::format(R"({}{{"PartitionValueList":{},"PartitionInput":{}}})", entries.empty() ? "" : ",",
                             json_array(partition->values), partition_input(*partition));
    STACK_TRY_ASSIGN(
        answer, glue_.call("BatchUpdatePartition", fmt::format(R"({{{},"Entries":[{}]}})", table_.members(), entries),
                           {kNotFound}, resource()));
    if (answer.code == kNotFound) return false;
    return plan_again(answer.body, "BatchUpdatePartition", batch, next_.update, kNotFound, next_.create);
  }

  Result<bool> remove(std::span<const Values> batch) {
    batch = batch.first(std::min(batch.size(), kDeleteBatch));
    std::string values;
    for (const Values& each : batch)
      values += fmt::format(R"({}{{"Values":{}}})", values.empty() ? "" : ",", json_array(each));
    STACK_TRY_ASSIGN(answer, glue_.call("BatchDeletePartition",
                                        fmt::format(R"({{{},"PartitionsToDelete":[{}]}})", table_.members(), values),
                                        {kNotFound}, resource()));
    if (answer.code == kNotFound) return false;
    STACK_TRY_ASSIGN(refusals, refusals_of(answer.body, "BatchDeletePartition"));
    for (Refusal& refusal : refusals) {
      if (refusal.code == kNotFound) continue;
      if (!may_pass(refusal.code)) return refused(refusal, "BatchDeletePartition");
      note(refusal);
      next_.remove.push_back(std::move(refusal.values));
    }
    return true;
  }

  // AGAIN: takes what may be done as it was the next time; OTHERWISE: what has to be done the other way, as CODE says.
  Result<bool> plan_again(const std::string& body, std::string_view operation, Batch batch,
                          std::vector<const GluePartition*>& again, std::string_view code,
                          std::vector<const GluePartition*>& otherwise) {
    STACK_TRY_ASSIGN(refusals, refusals_of(body, operation));
    for (const Refusal& refusal : refusals) {
      const auto of = std::ranges::find_if(batch, [&](const GluePartition* p) { return p->values == refusal.values; });
      if (of == batch.end() || (refusal.code != code && !may_pass(refusal.code))) return refused(refusal, operation);
      if (refusal.code == code) {
        otherwise.push_back(*of);
      } else {
        note(refusal);
        again.push_back(*of);
      }
    }
    return true;
  }

  void note(const Refusal& refusal) {
    wait_ = true;
    last_said_ = fmt::format(" ({}: {})", refusal.code, refusal.message);
  }

  [[nodiscard]] std::unexpected<Error> refused(const Refusal& refusal, std::string_view operation) const {
    if (refusal.code == kQuotaReached) return quota_reached(table_, refusal.message);
    const bool denied = refusal.code == "AccessDeniedException";
    return fail(denied ? ErrorKind::access : ErrorKind::storage,
                fmt::format("AWS Glue refuses {} of the partition {} of {}: {}: {}{}", operation,
                            fmt::join(refusal.values, "/"), table_.text(), refusal.code, refusal.message,
                            denied ? fmt::format("; allow glue:{} on the table", operation) : ""));
  }

  [[nodiscard]] std::string resource() const { return "partitions of " + table_.text(); }

  aws::ServiceClient& glue_;
  const GlueTableName& table_;
  PartitionChanges now_;
  PartitionChanges next_;
  bool wait_ = false;
  std::string last_said_;
};

}  // namespace

std::string GlueTableName::members() const {
  return fmt::format(R"("DatabaseName":{},"TableName":{})", json_string(database), json_string(table));
}

std::unexpected<Error> quota_reached(const GlueTableName& table, const std::string& said) {
  return fail(
      ErrorKind::storage,
      fmt::format("AWS Glue's quota does not allow for {}: {}; remove what is not needed any more, ask for more "
                  "in the console of Service Quotas (AWS Glue), or take fewer partitions (--partition-by)",
                  table.text(), said));
}

Result<std::optional<std::vector<GluePartition>>> read_partitions(aws::ServiceClient& glue,
                                                                  const GlueTableName& table) {
  std::vector<GluePartition> partitions;
  std::string token;
  dom::parser parser;
  do {
    const std::string next = token.empty() ? "" : fmt::format(R"(,"NextToken":{})", json_string(token));
    STACK_TRY_ASSIGN(
        answer, glue.call("GetPartitions", fmt::format(R"({{{},"MaxResults":{}{}}})", table.members(), kPage, next),
                          {kNotFound}, "partitions of " + table.text()));
    if (answer.code == kNotFound) return std::optional<std::vector<GluePartition>>{};
    STACK_TRY_ASSIGN(page, parse_answer(parser, answer.body, "GetPartitions"));
    for (const dom::object partition : objects_of(page, "Partitions")) partitions.push_back(parse_partition(partition));
    token = text_of(page, "NextToken");
  } while (!token.empty());
  std::ranges::sort(partitions, {}, &GluePartition::values);
  return partitions;
}

PartitionChanges changes_between(const std::vector<GluePartition>& before, const std::vector<GluePartition>& wanted) {
  PartitionChanges changes;
  auto old = before.begin();
  for (const GluePartition& partition : wanted) {
    for (; old != before.end() && old->values < partition.values; ++old) changes.remove.push_back(old->values);
    if (old == before.end() || old->values != partition.values) {
      changes.create.push_back(&partition);
      continue;
    }
    if (*old != partition) changes.update.push_back(&partition);
    ++old;
  }
  for (; old != before.end(); ++old) changes.remove.push_back(old->values);
  return changes;
}

Result<bool> write_partitions(aws::ServiceClient& glue, const GlueTableName& table, PartitionChanges changes) {
  return Writer(glue, table, std::move(changes)).run();
}

}  // namespace stack::catalog
