#include "iam/permission_calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "aws/signing.hpp"
#include "aws/xml.hpp"
#include "lake/json_text.hpp"

namespace stack::iam {
namespace {

using lake::json_string;

// What stands for the '*' of a resource: no lake has it.
constexpr std::string_view kNothing = "stack-doctor";
constexpr std::string_view kNoTable = "stack_doctor_asks";
constexpr std::string_view kNotThere = "EntityNotFoundException";

class S3Asking {
 public:
  S3Asking(aws::S3Client& client, Permission& permission) : client_(client), permission_(permission) {
    const auto arn = std::string_view(permission.resource);
    const auto at = arn.find(":::");
    if (at == std::string_view::npos) return;
    const auto place = arn.substr(at + 3);
    const auto slash = place.find('/');
    bucket_ = place.substr(0, slash);
    if (slash != std::string_view::npos) key_ = place.substr(slash + 1);
    if (key_.ends_with('*')) key_.replace(key_.size() - 1, 1, kNothing);
  }

  void ask() {
    if (bucket_ != client_.bucket().name) return;
    const auto operation = permission_.operation();
    if (operation == "ListBucket") call("GET", "", fmt::format("list-type=2&max-keys=1&prefix={}", listed()));
    if (operation == "ListBucketMultipartUploads") call("GET", "", "max-uploads=1&uploads=");
    if (operation == "GetBucketLocation") call("GET", "", "location=");
    if (operation == "GetObject") call("GET", key_, "");
    if (operation == "ListMultipartUploadParts") call("GET", key_, kNoUpload);
    if (operation == "AbortMultipartUpload") call("DELETE", key_, kNoUpload);
    if (operation == "DeleteObject") call("DELETE", key_, "");
    if (operation == "PutObject" && permission_.conditions.empty()) begin_upload();
  }

 private:
  static constexpr std::string_view kNoUpload = "uploadId=stack-doctor";

  Result<aws::PooledResponse> call(std::string_view method, std::string_view key, std::string_view query) {
    auto answer =
        client_.call({.method = method, .key = key, .action = permission_.action, .query = std::string{query}});
    if (answer)
      allow(permission_);
    else
      settle(permission_, answer.error());
    return answer;
  }

  // Whoever may begin an upload may put the object.
  void begin_upload() {
    const auto begun = call("POST", key_, "uploads=");
    if (!begun) return;
    const auto id = aws::xml_text(aws::xml_element(begun->body, "UploadId"));
    // Where this is refused the permission to abort is missing, and asked for itself; an upload without parts costs
    // nothing and is swept a day later.
    if (!id.empty())
      (void)client_.call({.method = "DELETE",
                          .key = key_,
                          .action = "s3:AbortMultipartUpload",
                          .query = fmt::format("uploadId={}", aws::percent_encoded(id))});
  }

  [[nodiscard]] std::string listed() const {
    if (permission_.conditions.empty()) return {};
    std::string prefix = permission_.conditions.front().values.front();
    if (prefix.ends_with('*')) prefix.pop_back();
    return aws::percent_encoded(prefix);
  }

  aws::S3Client& client_;
  Permission& permission_;
  std::string bucket_;
  std::string key_;
};

// The body of a call of Glue that is about nothing; none for what cannot be tried.
std::optional<std::string> glue_question(std::string_view operation, const std::string& database) {
  const auto in_database = fmt::format(R"("DatabaseName":{})", json_string(database));
  const auto of_table = fmt::format(R"({},"TableName":{})", in_database, json_string(kNoTable));
  constexpr std::string_view kPartition = R"({"Values":["none"],"StorageDescriptor":{"Columns":[]}})";
  const std::array<std::pair<std::string_view, std::string>, 21> bodies = {{
      {"GetDatabases", R"("MaxResults":1)"},
      {"GetDatabase", fmt::format(R"("Name":{})", json_string(database))},
      {"GetTables", in_database + R"(,"MaxResults":1)"},
      {"GetTable", fmt::format(R"({},"Name":{})", in_database, json_string(kNoTable))},
      {"GetPartition", of_table + R"(,"PartitionValues":["none"])"},
      {"GetPartitions", of_table + R"(,"MaxResults":1)"},
      {"BatchGetPartition", of_table + R"(,"PartitionsToGet":[{"Values":["none"]}])"},
      {"UpdateTable", fmt::format(R"({},"TableInput":{{"Name":{}}})", in_database, json_string(kNoTable))},
      {"DeleteTable", fmt::format(R"({},"Name":{})", in_database, json_string(kNoTable))},
      {"CreatePartition", fmt::format(R"({},"PartitionInput":{})", of_table, kPartition)},
      {"UpdatePartition", fmt::format(R"({},"PartitionValueList":["none"],"PartitionInput":{})", of_table, kPartition)},
      {"DeletePartition", of_table + R"(,"PartitionValues":["none"])"},
      {"BatchCreatePartition", fmt::format(R"({},"PartitionInputList":[{}])", of_table, kPartition)},
      {"BatchUpdatePartition",
       fmt::format(R"({},"Entries":[{{"PartitionValueList":["none"],"PartitionInput":{}}}])", of_table, kPartition)},
      {"BatchDeletePartition", of_table + R"(,"PartitionsToDelete":[{"Values":["none"]}])"},
      {"GetCrawler", fmt::format(R"("Name":{})", json_string(kNothing))},
      {"StartCrawler", fmt::format(R"("Name":{})", json_string(kNothing))},
      {"UpdateCrawler", fmt::format(R"("Name":{})", json_string(kNothing))},
      {"ListCrawls", fmt::format(R"("CrawlerName":{})", json_string(kNothing))},
      {"GetCrawlerMetrics", R"("MaxResults":1)"},
      {"GetTableVersions", of_table + R"(,"MaxResults":1)"},
  }};
  for (const auto& [name, body] : bodies)
    if (name == operation) return fmt::format("{{{}}}", body);
  return std::nullopt;
}

std::optional<std::string> athena_question(std::string_view operation, const std::string& workgroup,
                                           const std::string& database) {
  if (operation == "GetWorkGroup") return fmt::format(R"({{"WorkGroup":{}}})", json_string(workgroup));
  if (operation == "ListQueryExecutions")
    return fmt::format(R"({{"WorkGroup":{},"MaxResults":1}})", json_string(workgroup));
  if (operation == "GetTableMetadata")
    return fmt::format(R"({{"CatalogName":"AwsDataCatalog","DatabaseName":{},"TableName":{}}})", json_string(database),
                       json_string(kNoTable));
  return std::nullopt;
}

// A call is about all the resources of its action at once.
void settle_all(std::span<Permission> permissions, const std::string& action,
                const Result<aws::ServiceAnswer>& answer) {
  for (Permission& permission : permissions) {
    if (permission.action != action) continue;
    // What the service finds wrong in the request itself it may say before it looks at policies.
    if (answer && answer->code == "InvalidInputException") continue;
    if (answer)
      allow(permission);
    else
      settle(permission, answer.error());
  }
}

}  // namespace

void ask_s3(aws::S3Client& client, std::span<Permission> permissions) {
  for (Permission& permission : permissions)
    if (permission.is_of("s3") && permission.verdict == Verdict::unasked) S3Asking(client, permission).ask();
  // Who may not list is refused what is not there, whether or not it could be read if it were.
  const auto arn = fmt::format(":::{}", client.bucket().name);
  const bool blind = std::ranges::any_of(permissions, [&](const Permission& permission) {
    return permission.operation() == "ListBucket" && permission.verdict == Verdict::denied &&
           permission.resource.ends_with(arn);
  });
  for (Permission& permission : permissions)
    if (blind && permission.operation() == "GetObject" && permission.verdict == Verdict::denied &&
        permission.resource.find(arn + "/") != std::string::npos)
      permission.verdict = Verdict::unasked;
}

void ask_glue(aws::ServiceClient& glue, const std::string& database, std::span<Permission> permissions) {
  std::set<std::string> asked;
  // Nothing that could change a thing is asked of a thing that is there, or may be.
  bool no_table = false;
  bool no_crawler = false;
  for (const Permission& permission : permissions) {
    if (!permission.is_of("glue") || !asked.insert(permission.action).second) continue;
    const auto operation = permission.operation();
    const auto body = glue_question(operation, database);
    const bool of_crawler = operation.find("Crawl") != std::string_view::npos;
    const bool reads = operation.find("Get") != std::string_view::npos || operation == "ListCrawls";
    if (!body || (!reads && !(of_crawler ? no_crawler : no_table))) continue;
    const auto answer = glue.call(operation, *body, {kNotThere, "InvalidInputException"});
    const bool not_there = answer && answer->code == kNotThere;
    if (operation == "GetTable") no_table = not_there;
    if (operation == "GetCrawler") no_crawler = not_there;
    settle_all(permissions, permission.action, answer);
  }
}

void ask_athena(aws::ServiceClient& athena, const std::string& workgroup, const std::string& database,
                std::span<Permission> permissions) {
  std::set<std::string> asked;
  for (const Permission& permission : permissions) {
    if (!permission.is_of("athena") || !asked.insert(permission.action).second) continue;
    const auto body = athena_question(permission.operation(), workgroup, database);
    if (!body) continue;
    settle_all(
        permissions, permission.action,
        athena.call(permission.operation(), *body, {"MetadataException"}, fmt::format("workgroup {}", workgroup)));
  }
}

}  // namespace stack::iam
