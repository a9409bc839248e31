#include "app/assumed_role.hpp"

#include <fmt/format.h>

#include <chrono>

namespace stack::app {
namespace {

constexpr std::chrono::minutes kShortestRole{15};
constexpr std::chrono::hours kLongestRole{12};

}  // namespace

Result<std::optional<aws::AssumedRole>> assumed_role(const Settings& settings) {
  const auto arn = settings.text("role-arn");
  if (arn.empty()) {
    for (const char* option : {"external-id", "role-session-name", "role-duration"})
      if (settings.given(option))
        return fail(ErrorKind::usage, fmt::format("--{} says how a role is assumed: name it with --role-arn", option));
    return std::nullopt;
  }
  if (!arn.starts_with("arn:") || arn.find(":role/") == std::string::npos)
    return std::unexpected(settings.wrong("role-arn", "the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME"));
  STACK_TRY_ASSIGN(duration, settings.duration("role-duration"));
  if (duration && (*duration < kShortestRole || *duration > kLongestRole))
    return std::unexpected(settings.wrong("role-duration", "a time from 15m to 12h"));
  return aws::AssumedRole{.arn = arn,
                          .session_name = settings.text("role-session-name"),
                          .external_id = settings.text("external-id"),
                          .duration = std::chrono::floor<std::chrono::seconds>(duration.value_or(kShortestRole))};
}

}  // namespace stack::app
