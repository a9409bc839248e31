// stack iam print ROLE: the least-privilege policy of a role, for the user's own bucket, topic and cluster.
#include <fmt/format.h>

#include <cstdio>

#include "app/command.hpp"
#include "app/progress.hpp"
#include "app/role_settings.hpp"

namespace stack::app {

Result<int> iam_command(Context& context) {
  if (context.arguments[0] != "print")
    return fail(ErrorKind::usage,
                fmt::format("iam: {} is not print, as in `stack iam print sink`", context.arguments[0]));
  STACK_TRY_ASSIGN(role, parse_role(context.arguments[1]));
  if (context.settings.flag("trust")) {
    STACK_TRY_ASSIGN(scope, trust_scope(context.settings, role));
    fmt::print("{}", iam::to_json(iam::trust_policy_of(role, scope, context.settings.text("external-id"))));
    return 0;
  }
  STACK_TRY_ASSIGN(scope, policy_scope(context.settings, role));
  if (role == iam::Role::sink && !scope.cluster) {
    Progress progress{context.settings};
    progress.warn("no --cluster-arn: this policy says nothing of Kafka, which then must not ask for IAM");
  }
  fmt::print("{}", iam::to_json(iam::policy_of(role, scope)));
  return 0;
}

}  // namespace stack::app
