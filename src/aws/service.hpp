// The AWS services that are called by the JSON or the query protocol.
// Thread-safety: constants.
#pragma once

#include <string_view>

namespace stack::aws {

struct Service {
  std::string_view title;     // in messages: "AWS Glue"
  std::string_view name;      // of its host, its signatures and its actions: "glue"
  std::string_view variable;  // AWS_ENDPOINT_URL_<this>: "GLUE"
  std::string_view target;    // JSON protocol: before the operation in X-Amz-Target; empty: query protocol
  std::string_view version;   // of the query protocol: "2011-06-15"
};

inline constexpr Service kGlue{
    .title = "AWS Glue", .name = "glue", .variable = "GLUE", .target = "AWSGlue", .version = {}};
inline constexpr Service kAthena{
    .title = "Amazon Athena", .name = "athena", .variable = "ATHENA", .target = "AmazonAthena", .version = {}};
inline constexpr Service kSts{
    .title = "AWS STS", .name = "sts", .variable = "STS", .target = {}, .version = "2011-06-15"};
inline constexpr Service kIam{
    .title = "AWS IAM", .name = "iam", .variable = "IAM", .target = {}, .version = "2010-05-08"};
inline constexpr Service kCloudFormation{.title = "AWS CloudFormation",
                                         .name = "cloudformation",
                                         .variable = "CLOUDFORMATION",
                                         .target = {},
                                         .version = "2010-05-15"};

}  // namespace stack::aws
