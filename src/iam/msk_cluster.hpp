// What the ARN of an Amazon MSK cluster says, and the ARNs of the things in it.
// (https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html)
// Thread-safety: values. Failure: none where a text is no such ARN.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stack::iam {

struct MskCluster {
  std::string partition;  // "aws", "aws-cn", "aws-us-gov"
  std::string region;
  std::string account;
  std::string name;
  std::string uuid;  // of a serverless cluster it ends in "-s1" and the like, as that of a provisioned one in "-5"

  // KIND: "topic", "group" or "transactional-id"; NAME may end in '*'.
  [[nodiscard]] std::string resource(std::string_view kind, std::string_view thing) const;
  [[nodiscard]] std::string arn() const;
};

// Provisioned and serverless clusters have the same form: arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID.
[[nodiscard]] std::optional<MskCluster> parse_cluster_arn(std::string_view arn);

// Twelve digits.
[[nodiscard]] bool is_account_id(std::string_view text);

}  // namespace stack::iam
