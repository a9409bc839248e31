// The permissions that each role of a deployment on AWS needs, and no others: what the program's own calls ask of S3,
// Kafka (Amazon MSK), Glue and Athena, limited to one lake, topic, table, database and workgroup.
// Thread-safety: pure functions over values. Never fails.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "aws/s3_place.hpp"
#include "iam/msk_cluster.hpp"
#include "iam/policy_document.hpp"

namespace stack::iam {

enum class Role {
  producer,   // stack produce
  sink,       // stack sink, verify, dlq list and show; stack compact where that is allowed
  compactor,  // stack compact, with --expire too
  crawler,    // stack crawl; or, as_glue, a crawler of AWS Glue itself
  analyst,    // stack query, catalog; Athena
};
inline constexpr std::array kRoles = {Role::producer, Role::sink, Role::compactor, Role::crawler, Role::analyst};
[[nodiscard]] std::string_view name_of(Role role);

// The user's own things.
struct PolicyScope {
  std::string partition = "aws";
  std::string region = {};
  std::string account = {};
  aws::S3Place lake = {};
  aws::S3Place results = {};               // where Athena writes
  std::optional<MskCluster> cluster = {};  // none: Kafka knows nothing of IAM
  std::string topic = {};
  std::string dlq_topic = {};  // that the sink copies dead letters to; empty: none
  std::string table = {};
  std::string database = {};
  std::string workgroup = {};
  std::string kms_key = {};       // ARN of the key that the bucket's objects are encrypted with; empty: none
  bool creates_topic = false;     // the producer makes its topic
  bool registers = false;         // the sink tells the catalog of its files
  bool in_glue = false;           // that catalog is Glue's
  bool compacts = false;          // the sink's role runs `stack compact` too
  bool as_glue = false;           // of the crawler: Glue takes the role, not `stack crawl`
  std::string crawler_role = {};  // ARN of the role that Glue's crawlers take, where the role runs them
};

[[nodiscard]] PolicyDocument policy_of(Role role, const PolicyScope& scope);

// Who may take the role: EC2 instances as producer, sink, compactor and crawler, Glue (of the account, where it is
// known) as_glue, the account's own users, where their policies say so too, as analyst. EXTERNAL_ID: asked of callers;
// empty: not.
[[nodiscard]] PolicyDocument trust_policy_of(Role role, const PolicyScope& scope, const std::string& external_id);

}  // namespace stack::iam
