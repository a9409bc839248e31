#include "iam/role_policies.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "aws/region.hpp"

namespace stack::iam {
namespace {

using Texts = std::vector<std::string>;

std::string bucket_arn(const PolicyScope& scope, const aws::S3Place& place) {
  return fmt::format("arn:{}:s3:::{}", scope.partition, place.bucket);
}

// KEY, which may end in '*', counts from the place's prefix.
std::string object_arn(const PolicyScope& scope, const aws::S3Place& place, std::string_view key) {
  return fmt::format("{}/{}{}{}", bucket_arn(scope, place), place.prefix, place.prefix.empty() ? "" : "/", key);
}

Texts lake_objects(const PolicyScope& scope, std::initializer_list<std::string> keys) {
  Texts arns;
  for (const auto& key : keys) arns.push_back(object_arn(scope, scope.lake, key));
  return arns;
}

// S3 answers a read of an object that is missing with 404 to those who may list its key, and with 403 to others: those
// who may read must be able to list.
PolicyStatement list_place(const PolicyScope& scope, const aws::S3Place& place, std::string id) {
  PolicyStatement statement{
      .id = std::move(id), .principals = {}, .actions = {"s3:ListBucket"}, .resources = {bucket_arn(scope, place)}};
  if (!place.prefix.empty()) statement.conditions.push_back({"StringLike", "s3:prefix", {place.prefix + "/*"}});
  return statement;
}

PolicyStatement allow(std::string id, Texts actions, Texts resources) {
  return {.id = std::move(id), .principals = {}, .actions = std::move(actions), .resources = std::move(resources)};
}

void add_key(PolicyDocument& document, const PolicyScope& scope, Texts actions) {
  if (!scope.kms_key.empty()) document.push_back(allow("EncryptionKey", std::move(actions), {scope.kms_key}));
}

// What every client of Kafka does, and the coordinator of the group "stack-reader", by which what a topic holds is read
// without joining a group.
void add_kafka_reader(PolicyDocument& document, const PolicyScope& scope, Texts groups) {
  const auto& cluster = *scope.cluster;
  groups.emplace_back("stack-reader");
  for (auto& group : groups) group = cluster.resource("group", group);
  document.push_back(allow("KafkaReadTopic", {"kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"},
                           {cluster.resource("topic", scope.topic)}));
  document.push_back(
      allow("KafkaGroups", {"kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup"}, std::move(groups)));
}

PolicyDocument producer_policy(const PolicyScope& scope) {
  PolicyDocument document;
  if (!scope.cluster) return document;
  const auto& cluster = *scope.cluster;
  document.push_back(
      allow("KafkaConnect", {"kafka-cluster:Connect", "kafka-cluster:WriteDataIdempotently"}, {cluster.arn()}));
  // What is on the topic already, and its position in the feed, are read back before anything is sent.
  add_kafka_reader(document, scope, {});
  Texts actions = {"kafka-cluster:WriteData", "kafka-cluster:DescribeTopicDynamicConfiguration"};
  if (scope.creates_topic) actions.emplace_back("kafka-cluster:CreateTopic");
  document.push_back(allow("KafkaWriteTopic", std::move(actions), {cluster.resource("topic", scope.topic)}));
  document.push_back(allow("KafkaTransactions",
                           {"kafka-cluster:DescribeTransactionalId", "kafka-cluster:AlterTransactionalId"},
                           {cluster.resource("transactional-id", fmt::format("stack-*-{}", scope.topic))}));
  return document;
}

void add_sink_kafka(PolicyDocument& document, const PolicyScope& scope) {
  const auto& cluster = *scope.cluster;
  Texts of_cluster = {"kafka-cluster:Connect"};
  if (!scope.dlq_topic.empty()) of_cluster.emplace_back("kafka-cluster:WriteDataIdempotently");
  document.push_back(allow("KafkaConnect", std::move(of_cluster), {cluster.arn()}));
  add_kafka_reader(document, scope, {fmt::format("stack-{}-*", scope.topic.substr(0, 128))});
  if (!scope.dlq_topic.empty())
    document.push_back(allow("KafkaWriteDeadLetters", {"kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"},
                             {cluster.resource("topic", scope.dlq_topic)}));
}

std::string glue_arn(const PolicyScope& scope, std::string_view what) {
  return fmt::format("arn:{}:glue:{}:{}:{}", scope.partition, scope.region, scope.account, what);
}

Texts glue_tables(const PolicyScope& scope) {
  return {glue_arn(scope, "catalog"), glue_arn(scope, fmt::format("database/{}", scope.database)),
          glue_arn(scope, fmt::format("table/{}/*", scope.database))};
}

// Of a database and its tables.
Texts glue_reads() {
  return {"glue:GetDatabase",  "glue:GetTable",      "glue:GetTables",
          "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"};
}

void add_glue_read(PolicyDocument& document, const PolicyScope& scope) {
  document.push_back(
      allow("GlueListDatabases", {"glue:GetDatabases"}, {glue_arn(scope, "catalog"), glue_arn(scope, "database/*")}));
  document.push_back(allow("GlueRead", glue_reads(), glue_tables(scope)));
}

PolicyStatement glue_write(const PolicyScope& scope) {
  return allow("GlueWrite",
               {"glue:CreateDatabase", "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable",
                "glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:BatchDeletePartition"},
               glue_tables(scope));
}

void add_compaction(PolicyDocument& document, const PolicyScope& scope) {
  document.push_back(allow("CompactionWrites", {"s3:PutObject"},
                           lake_objects(scope, {fmt::format("_stack/compactions/{}/*", scope.table),
                                                fmt::format("_stack/expired/{}/*", scope.table)})));
  document.push_back(allow(
      "CompactionRemoves", {"s3:DeleteObject"},
      lake_objects(scope, {fmt::format("{}/*", scope.table), fmt::format("_stack/compactions/{}/*", scope.table)})));
}

void add_registering(PolicyDocument& document, const PolicyScope& scope) {
  const auto pieces = fmt::format("_stack/registered/{}/*", scope.database);
  Texts written = lake_objects(scope, {pieces});
  if (!scope.in_glue)
    written.push_back(object_arn(scope, scope.lake, fmt::format("_stack/catalog/{}/*", scope.database)));
  document.push_back(allow("RegisterFiles", {"s3:PutObject"}, std::move(written)));
  document.push_back(allow("RegisterTidiesUp", {"s3:DeleteObject"}, lake_objects(scope, {pieces})));
  if (!scope.in_glue) return;
  add_glue_read(document, scope);
  document.push_back(glue_write(scope));
}

PolicyDocument sink_policy(const PolicyScope& scope) {
  PolicyDocument document;
  if (scope.cluster) add_sink_kafka(document, scope);
  document.push_back(list_place(scope, scope.lake, "ListLake"));
  // This action knows no condition on the prefix.
  document.push_back(allow("ListStaleUploads", {"s3:ListBucketMultipartUploads"}, {bucket_arn(scope, scope.lake)}));
  document.push_back(
      allow("ReadLake", {"s3:GetObject"}, lake_objects(scope, {fmt::format("{}/*", scope.table), "_stack/*"})));
  document.push_back(
      allow("WriteTable", {"s3:PutObject"},
            lake_objects(scope, {fmt::format("{}/*", scope.table), fmt::format("_stack/dlq/{}/*", scope.table)})));
  document.push_back(allow("WriteState", {"s3:PutObject"},
                           lake_objects(scope, {fmt::format("_stack/bounds/{}/*", scope.table), "_stack/probe/*"})));
  // Claims decide what is in the lake: one that is there stays as it is, whatever a client asks for.
  auto claims =
      allow("WriteClaimsOnce", {"s3:PutObject"}, lake_objects(scope, {fmt::format("_stack/claims/{}/*", scope.table)}));
  claims.conditions.push_back({"Null", "s3:if-none-match", {"false"}});
  document.push_back(std::move(claims));
  // Its own, and those that anybody has left behind a day ago.
  document.push_back(allow("AbortUploads", {"s3:AbortMultipartUpload"}, lake_objects(scope, {"*"})));
  document.push_back(allow("RemoveProbes", {"s3:DeleteObject"}, lake_objects(scope, {"_stack/probe/*"})));
  if (scope.registers) add_registering(document, scope);
  if (scope.compacts) add_compaction(document, scope);
  add_key(document, scope, {"kms:Decrypt", "kms:GenerateDataKey"});
  return document;
}

// Of the lake's state it reads what says which files are whole, and writes what compaction itself keeps: no claim.
PolicyDocument compactor_policy(const PolicyScope& scope) {
  PolicyDocument document;
  const auto rows = fmt::format("{}/*", scope.table);
  document.push_back(list_place(scope, scope.lake, "ListLake"));
  document.push_back(allow("ReadTable", {"s3:GetObject"},
                           lake_objects(scope, {rows, fmt::format("_stack/claims/{}/*", scope.table),
                                                fmt::format("_stack/compactions/{}/*", scope.table),
                                                fmt::format("_stack/expired/{}/*", scope.table)})));
  document.push_back(allow("WriteMerged", {"s3:PutObject", "s3:AbortMultipartUpload"}, lake_objects(scope, {rows})));
  add_compaction(document, scope);
  add_key(document, scope, {"kms:Decrypt", "kms:GenerateDataKey"});
  return document;
}

// What running a crawler of Glue asks for; the crawler's own work is done by the role that it is given.
void add_crawler_control(PolicyDocument& document, const PolicyScope& scope) {
  document.push_back(allow("GlueMakeCrawler", {"glue:CreateCrawler", "glue:GetCrawlerMetrics"}, {"*"}));
  document.push_back(allow("GlueRunCrawler",
                           {"glue:GetCrawler", "glue:UpdateCrawler", "glue:StartCrawler", "glue:ListCrawls"},
                           {glue_arn(scope, "crawler/*")}));
  auto hand_over = allow("GiveCrawlerItsRole", {"iam:PassRole"}, {scope.crawler_role});
  hand_over.conditions.push_back({"StringEquals", "iam:PassedToService", {"glue.amazonaws.com"}});
  document.push_back(std::move(hand_over));
}

PolicyDocument crawler_policy(const PolicyScope& scope) {
  PolicyDocument document;
  document.push_back(list_place(scope, scope.lake, "ListLake"));
  document.push_back(allow("ReadLake", {"s3:GetObject"}, lake_objects(scope, {"*"})));
  const auto catalog = fmt::format("_stack/catalog/{}/*", scope.database);
  const auto crawl = fmt::format("_stack/crawl/{}/*", scope.database);
  const auto registered = fmt::format("_stack/registered/{}/*", scope.database);
  document.push_back(
      allow("WriteCatalog", {"s3:PutObject", "s3:AbortMultipartUpload"}, lake_objects(scope, {catalog, crawl})));
  document.push_back(allow("TidyCatalog", {"s3:DeleteObject"}, lake_objects(scope, {catalog, crawl, registered})));
  add_glue_read(document, scope);
  document.push_back(glue_write(scope));
  if (!scope.crawler_role.empty()) add_crawler_control(document, scope);
  add_key(document, scope, {"kms:Decrypt", "kms:GenerateDataKey"});
  return document;
}

// Its database is there before it, and what it knows of the lake it keeps for itself.
PolicyDocument glue_crawler_policy(const PolicyScope& scope) {
  PolicyDocument document;
  document.push_back(list_place(scope, scope.lake, "ListLake"));
  document.push_back(allow("FindBucket", {"s3:GetBucketLocation"}, {bucket_arn(scope, scope.lake)}));
  document.push_back(allow("ReadLake", {"s3:GetObject"}, lake_objects(scope, {"*"})));
  document.push_back(allow("GlueRead", glue_reads(), glue_tables(scope)));
  document.push_back(allow("GlueWrite",
                           {"glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable", "glue:BatchCreatePartition",
                            "glue:BatchUpdatePartition", "glue:BatchDeletePartition", "glue:CreatePartition",
                            "glue:UpdatePartition", "glue:DeletePartition"},
                           glue_tables(scope)));
  const auto logs =
      fmt::format("arn:{}:logs:{}:{}:log-group:/aws-glue/crawlers", scope.partition, scope.region, scope.account);
  document.push_back(
      allow("CrawlerLogs", {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, {logs, logs + ":*"}));
  add_key(document, scope, {"kms:Decrypt"});
  return document;
}

PolicyDocument analyst_policy(const PolicyScope& scope) {
  PolicyDocument document;
  document.push_back(list_place(scope, scope.lake, "ListLake"));
  document.push_back(allow("ReadLake", {"s3:GetObject"}, lake_objects(scope, {"*"})));
  const auto athena = [&](std::string_view what) {
    return fmt::format("arn:{}:athena:{}:{}:{}", scope.partition, scope.region, scope.account, what);
  };
  document.push_back(allow(
      "Athena",
      {"athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution",
       "athena:BatchGetQueryExecution", "athena:GetQueryResults", "athena:ListQueryExecutions", "athena:GetWorkGroup"},
      {athena(fmt::format("workgroup/{}", scope.workgroup))}));
  document.push_back(allow("AthenaTables", {"athena:GetTableMetadata"}, {athena("datacatalog/AwsDataCatalog")}));
  add_glue_read(document, scope);
  // Athena's engines look at it where a query, or a tool that makes one, names no database.
  document.push_back(allow("GlueDefaultDatabase", {"glue:GetDatabase"},
                           {glue_arn(scope, "catalog"), glue_arn(scope, "database/default")}));
  document.push_back(list_place(scope, scope.results, "ListResults"));
  // By the analyst's permissions Athena looks where the bucket is, and writes there.
  document.push_back(allow("FindResults", {"s3:GetBucketLocation"}, {bucket_arn(scope, scope.results)}));
  document.push_back(allow("ReadAndWriteResults",
                           {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
                           {object_arn(scope, scope.results, "*")}));
  add_key(document, scope, {"kms:Decrypt", "kms:GenerateDataKey"});
  return document;
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::producer:
      return "producer";
    case Role::sink:
      return "sink";
    case Role::compactor:
      return "compactor";
    case Role::crawler:
      return "crawler";
    case Role::analyst:
      return "analyst";
  }
  return {};
}

PolicyDocument policy_of(Role role, const PolicyScope& scope) {
  switch (role) {
    case Role::producer:
      return producer_policy(scope);
    case Role::sink:
      return sink_policy(scope);
    case Role::compactor:
      return compactor_policy(scope);
    case Role::crawler:
      return scope.as_glue ? glue_crawler_policy(scope) : crawler_policy(scope);
    case Role::analyst:
      return analyst_policy(scope);
  }
  return {};
}

PolicyDocument trust_policy_of(Role role, const PolicyScope& scope, const std::string& external_id) {
  PolicyStatement statement{.id = "TakeRole", .principals = {}, .actions = {"sts:AssumeRole"}, .resources = {}};
  if (role == Role::analyst) {
    statement.principals = {{"AWS", fmt::format("arn:{}:iam::{}:root", scope.partition, scope.account)}};
    if (!external_id.empty()) statement.conditions.push_back({"StringEquals", "sts:ExternalId", {external_id}});
  } else if (scope.as_glue) {
    statement.principals = {{"Service", "glue.amazonaws.com"}};
    // Not for a crawler that somebody makes in another account.
    if (!scope.account.empty()) statement.conditions.push_back({"StringEquals", "aws:SourceAccount", {scope.account}});
  } else {
    statement.principals = {{"Service", fmt::format("ec2.{}", aws::domain_of(scope.region))}};
  }
  return {std::move(statement)};
}

}  // namespace stack::iam
