#include "aws/caller_identity.hpp"

#include <fmt/format.h>

#include "aws/xml.hpp"

namespace stack::aws {

std::string CallerIdentity::policy_holder() const {
  if (arn.find(":user/") != std::string::npos) return arn;
  constexpr std::string_view kSession = ":assumed-role/";
  const auto at = arn.find(kSession);
  const auto partition = arn.find(":sts:");
  if (at == std::string::npos || partition == std::string::npos) return {};
  const auto session = std::string_view(arn).substr(at + kSession.size());
  return fmt::format("{}:iam::{}:role/{}", arn.substr(0, partition), account, session.substr(0, session.find('/')));
}

Result<CallerIdentity> caller_identity(ServiceClient& sts) {
  STACK_TRY_ASSIGN(answer, sts.call("GetCallerIdentity", ""));
  CallerIdentity identity{.account = xml_text(xml_element(answer.body, "Account")),
                          .arn = xml_text(xml_element(answer.body, "Arn"))};
  if (!identity.account.empty() && !identity.arn.empty()) return identity;
  return fail(ErrorKind::storage,
              fmt::format("{} gives an answer that names nobody: check AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL",
                          sts.endpoint()));
}

}  // namespace stack::aws
