#include "iam/role_check.hpp"

#include <algorithm>
#include <string_view>

#include "iam/permission_calls.hpp"
#include "iam/policy_simulation.hpp"

namespace stack::iam {
namespace {

class RoleCheck {
 public:
  RoleCheck(RoleAnswers& answers, const Openers& open) : answers_(answers), open_(open) {}

  void ask(const PolicyScope& scope, const aws::CallerIdentity& caller) {
    auto& permissions = answers_.permissions;
    for (const aws::S3Place* place : {&scope.lake, &scope.results}) {
      if (place->bucket.empty()) continue;
      auto client = open_.s3(*place);
      if (client)
        ask_s3(**client, permissions);
      else
        answers_.troubles.push_back(client.error().message);
    }
    if (asks("glue"))
      with_service(aws::kGlue, [&](aws::ServiceClient& glue) { ask_glue(glue, scope.database, permissions); });
    if (asks("athena"))
      with_service(aws::kAthena, [&](aws::ServiceClient& athena) {
        ask_athena(athena, scope.workgroup, scope.database, permissions);
      });
    const auto holder = caller.policy_holder();
    if (holder.empty() || std::ranges::none_of(permissions, [](const Permission& permission) {
          return permission.verdict == Verdict::unasked;
        }))
      return;
    with_service(aws::kIam, [&](aws::ServiceClient& client) {
      if (auto asked = simulate(client, holder, permissions); !asked) answers_.not_simulated = asked.error().message;
    });
  }

 private:
  [[nodiscard]] bool asks(std::string_view service) const {
    return std::ranges::any_of(answers_.permissions,
                               [&](const Permission& permission) { return permission.is_of(service); });
  }

  template <class Use>
  void with_service(const aws::Service& service, const Use& use) {
    auto client = open_.service(service);
    if (client)
      use(**client);
    else
      answers_.troubles.push_back(client.error().message);
  }

  RoleAnswers& answers_;
  const Openers& open_;
};

}  // namespace

RoleAnswers ask_permissions(Role role, const PolicyScope& scope, const aws::CallerIdentity& caller,
                            const Openers& open) {
  RoleAnswers answers{.permissions = permissions_of(policy_of(role, scope)), .troubles = {}, .not_simulated = {}};
  RoleCheck(answers, open).ask(scope, caller);
  return answers;
}

}  // namespace stack::iam
