// Policies of AWS IAM as JSON documents, each statement an Allow.
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html)
// Thread-safety: values. Never fails.
#pragma once

#include <string>
#include <vector>

namespace stack::iam {

struct PolicyCondition {
  std::string operation;  // "StringLike"
  std::string key;        // "s3:prefix"
  std::vector<std::string> values;
};

// Who may assume a role, in a trust policy.
struct Principal {
  std::string kind;  // "Service" or "AWS"
  std::string name;
};

struct PolicyStatement {
  std::string id;                      // letters and digits
  std::vector<Principal> principals;   // of a trust policy alone
  std::vector<std::string> actions;    // "s3:GetObject"
  std::vector<std::string> resources;  // ARNs; none in a trust policy
  std::vector<PolicyCondition> conditions = {};
};

using PolicyDocument = std::vector<PolicyStatement>;

// Indented by two blanks, and ended by a line feed; the same document is the same text.
[[nodiscard]] std::string to_json(const PolicyDocument& document);

}  // namespace stack::iam
