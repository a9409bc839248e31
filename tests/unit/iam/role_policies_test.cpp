// Policies as documents: the form of the JSON, the ARNs of a cluster's things, and what no role is ever given.
#include "iam/role_policies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "iam/permission.hpp"

namespace stack::iam {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCluster =
    "arn:aws:kafka:eu-central-1:123456789012:cluster/stack/0c8a1f2e-1111-2222-3333-444455556666-s1";

PolicyScope whole_scope() {
  PolicyScope scope;
  scope.region = "eu-central-1";
  scope.account = "123456789012";
  scope.lake = {.bucket = "my-bucket", .prefix = "lake"};
  scope.results = {.bucket = "my-results", .prefix = "athena"};
  scope.cluster = parse_cluster_arn(kCluster);
  scope.topic = "stock-events";
  scope.table = "ticks";
  scope.database = "stack";
  scope.workgroup = "primary";
  return scope;
}

std::vector<std::string> resources_of(const PolicyDocument& document, const std::string& action) {
  std::vector<std::string> resources;
  for (const auto& permission : permissions_of(document))
    if (permission.action == action) resources.push_back(permission.resource);
  return resources;
}

TEST(PolicyDocument, IsJsonOfTheFormThatAwsDocuments) {
  const PolicyDocument document = {
      {.id = "One",
       .principals = {},
       .actions = {"s3:ListBucket"},
       .resources = {"arn:aws:s3:::a", "arn:aws:s3:::b"},
       .conditions = {{"StringLike", "s3:prefix", {"x/*"}}}},
      {.id = "Two", .principals = {{"Service", "ec2.amazonaws.com"}}, .actions = {"sts:AssumeRole"}, .resources = {}}};
  EXPECT_EQ(to_json(document), R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "One",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket"
      ],
      "Resource": [
        "arn:aws:s3:::a",
        "arn:aws:s3:::b"
      ],
      "Condition": {
        "StringLike": {
          "s3:prefix": "x/*"
        }
      }
    },
    {
      "Sid": "Two",
      "Effect": "Allow",
      "Principal": {
        "Service": "ec2.amazonaws.com"
      },
      "Action": [
        "sts:AssumeRole"
      ]
    }
  ]
}
)");
}

TEST(MskCluster, IsReadFromItsArn) {
  const auto cluster = parse_cluster_arn(kCluster);
  ASSERT_TRUE(cluster);
  EXPECT_EQ(cluster->arn(), kCluster);
  EXPECT_EQ(cluster->resource("topic", "ticks"),
            "arn:aws:kafka:eu-central-1:123456789012:topic/stack/0c8a1f2e-1111-2222-3333-444455556666-s1/ticks");
  EXPECT_EQ(parse_cluster_arn("arn:aws-cn:kafka:cn-north-1:123456789012:cluster/a/b")->partition, "aws-cn");
}

TEST(MskCluster, IsNoOtherArn) {
  for (const char* arn :
       {"", "arn:aws:kafka", "arn:aws:s3:eu-central-1:123456789012:cluster/a/b",
        "arn:aws:kafka:eu-central-1:1234:cluster/a/b", "arn:aws:kafka:eu-central-1:123456789012:topic/a/b",
        "arn:aws:kafka:eu-central-1:123456789012:cluster/a", "arn:aws:kafka:eu-central-1:123456789012:cluster/a/b/c",
        "arn:aws:kafka:eu-central-1:123456789012:cluster//b", "arn:aws:kafka:eu-central-1:123456789012:cluster/a/*",
        "arn:gcp:kafka:eu-central-1:123456789012:cluster/a/b", "arn:aws:kafka:EU:123456789012:cluster/a/b"})
    EXPECT_FALSE(parse_cluster_arn(arn)) << arn;
}

TEST(RolePolicies, KeepEachRoleToItsOwn) {
  const auto scope = whole_scope();
  EXPECT_THAT(to_json(policy_of(Role::producer, scope)), Not(HasSubstr("\"s3:")));
  for (const Role role : {Role::crawler, Role::analyst})
    EXPECT_THAT(to_json(policy_of(role, scope)), Not(HasSubstr("kafka-cluster:")));
  EXPECT_THAT(to_json(policy_of(Role::sink, scope)), Not(HasSubstr("glue:")));
  for (const auto& resource : resources_of(policy_of(Role::analyst, scope), "s3:PutObject"))
    EXPECT_THAT(resource, HasSubstr(":::my-results/athena/"));
  EXPECT_TRUE(resources_of(policy_of(Role::analyst, scope), "s3:DeleteObject").empty());
  for (const auto& resource : resources_of(policy_of(Role::crawler, scope), "s3:PutObject"))
    EXPECT_THAT(resource, HasSubstr("/_stack/"));
  for (const Role role : kRoles)
    for (const auto& permission : permissions_of(policy_of(role, scope)))
      EXPECT_THAT(permission.action, Not(HasSubstr("*"))) << name_of(role);
}

TEST(RolePolicies, AllowWhatIsAskedForBesides) {
  auto scope = whole_scope();
  const std::string data = "arn:aws:s3:::my-bucket/lake/ticks/*";
  EXPECT_THAT(resources_of(policy_of(Role::sink, scope), "s3:DeleteObject"), Not(Contains(data)));
  EXPECT_TRUE(resources_of(policy_of(Role::producer, scope), "kafka-cluster:CreateTopic").empty());
  EXPECT_TRUE(resources_of(policy_of(Role::sink, scope), "kafka-cluster:WriteData").empty());
  EXPECT_TRUE(resources_of(policy_of(Role::crawler, scope), "iam:PassRole").empty());
  scope.compacts = scope.creates_topic = true;
  scope.dlq_topic = "dead";
  scope.crawler_role = "arn:aws:iam::123456789012:role/c";
  scope.kms_key = "arn:aws:kms:eu-central-1:123456789012:key/k";
  EXPECT_THAT(resources_of(policy_of(Role::sink, scope), "s3:DeleteObject"), Contains(data));
  EXPECT_FALSE(resources_of(policy_of(Role::producer, scope), "kafka-cluster:CreateTopic").empty());
  EXPECT_THAT(resources_of(policy_of(Role::sink, scope), "kafka-cluster:WriteData"),
              Contains(scope.cluster->resource("topic", "dead")));
  EXPECT_THAT(resources_of(policy_of(Role::crawler, scope), "iam:PassRole"), Contains(scope.crawler_role));
  for (const Role role : {Role::sink, Role::crawler, Role::analyst})
    EXPECT_THAT(resources_of(policy_of(role, scope), "kms:GenerateDataKey"), Contains(scope.kms_key));
}

TEST(RolePolicies, GiveGluesOwnCrawlersLessOfTheLake) {
  auto scope = whole_scope();
  EXPECT_FALSE(resources_of(policy_of(Role::crawler, scope), "s3:PutObject").empty());
  EXPECT_TRUE(resources_of(policy_of(Role::crawler, scope), "logs:PutLogEvents").empty());
  scope.as_glue = true;
  EXPECT_TRUE(resources_of(policy_of(Role::crawler, scope), "s3:PutObject").empty());
  EXPECT_TRUE(resources_of(policy_of(Role::crawler, scope), "s3:DeleteObject").empty());
  EXPECT_FALSE(resources_of(policy_of(Role::crawler, scope), "logs:PutLogEvents").empty());
  EXPECT_THAT(to_json(trust_policy_of(Role::crawler, scope, "")), HasSubstr("\"aws:SourceAccount\": \"123456789012\""));
}

}  // namespace
}  // namespace stack::iam
