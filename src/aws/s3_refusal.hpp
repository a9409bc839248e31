// What a store's refusal means: whether it may pass, what to mend before asking again, and what to tell the user.
// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList)
// Thread-safety: values. Never fails.
#pragma once

#include <string>
#include <string_view>

#include "aws/http_pool.hpp"
#include "core/result.hpp"

namespace stack::aws {

struct S3Refusal {
  int status = 0;
  std::string code;        // S3's word, e.g. "AccessDenied"; of an answer without a body what its status stands for
  std::string said;        // the store's own sentence
  std::string request_id;  // for the store's owner to find it again
  std::string region;      // in which the bucket is, where the answer tells
  bool unnamed = false;    // the code is ours, by the status
  bool unsaid = false;     // refused without a reason, as HEAD is, whose answers have no body

  // ANSWER has no body where METHOD is HEAD.
  [[nodiscard]] static S3Refusal of(std::string_view method, const PooledResponse& answer);

  // It is the store's own trouble, or a race, and the same request may be taken later.
  [[nodiscard]] bool may_pass() const;
  [[nodiscard]] bool is_throttling() const;
  // The credentials that it was signed with are no longer good; newer ones may be.
  [[nodiscard]] bool wants_new_credentials() const;
  // The bucket is in another region than the one signed for.
  [[nodiscard]] bool is_elsewhere(std::string_view region_signed_for) const;
  [[nodiscard]] bool is_skew() const { return code == "RequestTimeTooSkewed" || code == "RequestExpired"; }
};

// What was asked for, for messages.
struct S3Asked {
  std::string_view bucket;
  std::string_view key;
  std::string_view endpoint;
  std::string_view region;
  std::string_view action;  // "s3:PutObject"
  std::string_view caller;  // whose credentials; empty: nobody's
};

// REFUSAL in words, with what to check.
[[nodiscard]] Error refused(const S3Refusal& refusal, const S3Asked& asked);

}  // namespace stack::aws
