// What a refusal of an AWS service means: its code in whichever form it is written, whether it may pass, and what to
// tell the user. (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization,
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization,
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)
// Thread-safety: values. Never fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/http_pool.hpp"
#include "aws/service.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct ServiceRefusal {
  int status = 0;
  std::string code;  // without namespace and URI: "EntityNotFoundException"; empty: it is not the service's answer
  std::string said;  // the service's own sentence, one line
  std::string request_id;  // for AWS's support to find it again

  // Of JSON ("__type" or "code", X-Amzn-Errortype), of XML (<ErrorResponse>, <Response><Errors>), or of neither.
  [[nodiscard]] static ServiceRefusal of(const PooledResponse& answer);

  // It is the service's own trouble, or too many requests, and the same request may be taken later.
  [[nodiscard]] bool may_pass() const;
  [[nodiscard]] bool is_throttling() const;
  [[nodiscard]] bool says_later() const;  // throttles, or is not available now
  // The credentials that it was signed with are no longer good; newer ones may be.
  [[nodiscard]] bool wants_new_credentials() const;
  [[nodiscard]] bool is_wrong_login() const;  // a key or its secret that the service does not know
  [[nodiscard]] bool is_wrong_signature() const;
  [[nodiscard]] bool is_skew() const;
  [[nodiscard]] bool is_denial() const;
};

// What was asked for, for messages.
struct ServiceAsked {
  const Service& service;
  std::string_view operation;
  std::string_view resource;  // "table stack.ticks"; may be empty
  std::string_view endpoint;
  std::string_view region;
  std::string_view caller;  // whose credentials
};

// REFUSAL in words, with what to check.
[[nodiscard]] Error refused(const ServiceRefusal& refusal, const ServiceAsked& asked);

}  // namespace stack::aws
