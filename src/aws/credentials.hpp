// AWS credentials as they are used to sign. Thread-safety: plain values. Never fails.
#pragma once

#include <optional>
#include <string>

#include "core/time.hpp"

namespace stack::aws {

// Only access_key_id and source may appear in a message.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;      // empty for those of a user
  std::optional<Micros> expires;  // none: they last until they are withdrawn
  std::string source;             // where they were found, for messages: "profile dev", "the environment"
};

}  // namespace stack::aws
