// Credentials as JSON, the form in which metadata services, IAM Identity Center and credential processes give them.
// Thread-safety: any thread. Failure: none where the text is not JSON or lacks a key; the text is never repeated.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "core/time.hpp"

namespace stack::aws {

// AccessKeyId, SecretAccessKey, Token or SessionToken, Expiration (ISO 8601); members in any case of their first
// letter. An Expiration of SSO is milliseconds since 1970.
[[nodiscard]] std::optional<Credentials> parse_credentials(std::string_view json, std::string source);

// ISO 8601 with Z, UTC or an offset behind it, as these sources write it.
[[nodiscard]] std::optional<Micros> parse_expiration(std::string_view text);

// A text member of a JSON object; none where there is none.
[[nodiscard]] std::optional<std::string> json_text(std::string_view json, std::string_view member);

}  // namespace stack::aws
