#include "iam/permission.hpp"

namespace stack::iam {

std::vector<Permission> permissions_of(const PolicyDocument& document) {
  std::vector<Permission> permissions;
  for (const auto& statement : document)
    for (const auto& action : statement.actions)
      for (const auto& resource : statement.resources)
        permissions.push_back({.action = action, .resource = resource, .conditions = statement.conditions});
  return permissions;
}

void settle(Permission& permission, const Error& error) {
  permission.verdict = error.kind == ErrorKind::access ? Verdict::denied : Verdict::failed;
  permission.said = error.message;
}

void allow(Permission& permission) {
  permission.verdict = Verdict::allowed;
  permission.said.clear();
}

}  // namespace stack::iam
