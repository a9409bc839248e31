// Which AWS region is meant, and its domain. Thread-safety: any thread. Failure: ErrorKind::usage.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::aws {

// Letters, digits and hyphens, as in eu-central-1: it becomes part of a host name.
[[nodiscard]] Result<void> check_region(std::string_view region);

// The region in the host name of an Amazon MSK broker, provisioned (b-1.name.abcdef.c2.kafka.eu-west-1.amazonaws.com)
// or serverless (boot-x.c1.kafka-serverless.eu-west-1.amazonaws.com); none where no server has such a name.
[[nodiscard]] std::optional<std::string> region_of_servers(std::string_view bootstrap_servers);

// A part of AWS with accounts, domains and ARNs of its own.
struct Partition {
  std::string_view id;                 // as in ARNs: "aws", "aws-cn"
  std::string_view domain;             // "amazonaws.com"
  std::string_view dual_stack_domain;  // of hosts that have IPv6 addresses too: "api.aws"
};
[[nodiscard]] const Partition& partition_of(std::string_view region);
// The domain of the region's partition: "amazonaws.com", in China "amazonaws.com.cn".
[[nodiscard]] inline std::string_view domain_of(std::string_view region) { return partition_of(region).domain; }

}  // namespace stack::aws
