// A bucket, or a part of one, as users name it: s3://BUCKET or s3://BUCKET/PREFIX.
// Thread-safety: values. Failure: ErrorKind::usage naming option and value.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace stack::aws {

struct S3Place {
  std::string bucket;
  std::string prefix = {};  // without a '/' at its end; empty: the whole bucket
};

// OPTION: that gave URI, without its dashes.
[[nodiscard]] Result<S3Place> parse_s3_place(std::string_view option, std::string_view uri);

}  // namespace stack::aws
