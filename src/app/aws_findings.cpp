#include "app/aws_findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <memory>

#include "app/aws_services.hpp"
#include "app/permission_calls.hpp"
#include "app/policy_simulation.hpp"
#include "app/role_settings.hpp"
#include "app/s3_lake.hpp"
#include "aws/caller_identity.hpp"

namespace stack::app {
namespace {

Result<std::vector<Role>> roles_asked_for(const Settings& settings) {
  std::vector<Role> roles;
  for (const auto& name : settings.list("role")) {
    STACK_TRY_ASSIGN(role, parse_role(name));
    roles.push_back(role);
  }
  if (!roles.empty()) return roles;
  if (settings.given("cluster-arn")) roles.push_back(Role::producer);
  if (settings.text("lake").starts_with("s3://")) {
    roles.push_back(Role::sink);
    roles.push_back(Role::crawler);
    if (settings.given("output-location")) roles.push_back(Role::analyst);
  }
  return roles;
}

std::string for_shell(const std::string& value) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.,:/=+@").find(c) != std::string_view::npos;
  };
  if (std::ranges::all_of(value, is_plain)) return value;
  std::string quoted = "'";
  for (const char c : value) quoted += c == '\'' ? std::string{R"('\'')"} : std::string{c};
  return quoted + "'";
}

// The command that prints the policy that ROLE needs, with the options that say what it is about.
std::string print_command(const Settings& settings, Role role) {
  constexpr std::array<std::string_view, 15> kOptions = {
      "lake",      "topic",           "table",      "database",  "catalog",  "cluster-arn",  "account", "region",
      "workgroup", "output-location", "s3-kms-key", "dlq-topic", "register", "crawler-role", "allow"};
  std::string command = fmt::format("stack iam print {}", name_of(role));
  for (const auto option : kOptions) {
    if (option == "register" && settings.flag(option)) command += " --register";
    const bool has_value = option == "account" || settings.given(option);
    if (option != "register" && has_value && !settings.text(option).empty())
      command += fmt::format(" --{} {}", option, for_shell(settings.text(option)));
  }
  return command;
}

std::vector<std::string> actions_with(const std::vector<Permission>& permissions, Verdict verdict) {
  std::vector<std::string> actions;
  for (const auto& permission : permissions)
    if (permission.verdict == verdict && std::ranges::find(actions, permission.action) == actions.end())
      actions.push_back(permission.action);
  return actions;
}

class RoleCheck {
 public:
  RoleCheck(const Settings& settings, const Clock& clock, const aws::CallerIdentity& caller, Role role)
      : settings_(settings),
        clock_(clock),
        caller_(caller),
        role_(role),
        subject_(fmt::format("role {}", name_of(role))) {}

  std::vector<Finding> run() && {
    auto scope = policy_scope(settings_, role_);
    if (!scope) return {{Health::bad, subject_, scope.error().message}};
    permissions_ = permissions_of(policy_of(role_, *scope));
    ask(*scope);
    tell();
    return std::move(findings_);
  }

 private:
  [[nodiscard]] bool asks(std::string_view service) const {
    return std::ranges::any_of(permissions_, [&](const Permission& permission) { return permission.is_of(service); });
  }

  void ask(const PolicyScope& scope) {
    for (const S3Place* place : {&scope.lake, &scope.results}) {
      if (place->bucket.empty()) continue;
      auto client = open_s3_client(settings_, *place, clock_);
      if (client)
        ask_s3(**client, permissions_);
      else
        trouble(client.error());
    }
    if (asks("glue"))
      with_service(aws::kGlue, [&](aws::ServiceClient& glue) { ask_glue(glue, scope.database, permissions_); });
    if (asks("athena"))
      with_service(aws::kAthena, [&](aws::ServiceClient& athena) {
        ask_athena(athena, scope.workgroup, scope.database, permissions_);
      });
    const auto holder = caller_.policy_holder();
    if (actions_with(permissions_, Verdict::unasked).empty() || holder.empty()) return;
    with_service(aws::kIam, [&](aws::ServiceClient& iam) {
      if (auto asked = simulate(iam, holder, permissions_); !asked) not_simulated_ = asked.error().message;
    });
  }

  template <class Use>
  void with_service(const aws::Service& service, const Use& use) {
    auto client = open_service(service, settings_, clock_);
    if (client)
      use(**client);
    else
      trouble(client.error());
  }

  void trouble(const Error& error) { findings_.push_back({Health::bad, subject_, error.message}); }

  // One finding an action, whatever number of resources it is missing on.
  void tell_of(Verdict verdict) {
    for (const auto& action : actions_with(permissions_, verdict)) {
      std::vector<std::string> resources;
      std::string said;
      for (const auto& permission : permissions_) {
        if (permission.action != action || permission.verdict != verdict) continue;
        resources.push_back(permission.resource);
        if (said.empty()) said = permission.said;
      }
      const auto on = fmt::format("{}", fmt::join(resources, ", "));
      Finding finding{.health = Health::bad,
                      .subject = subject_,
                      .text = said,
                      .role = std::string{name_of(role_)},
                      .action = action,
                      .resource = on,
                      .said = said};
      if (verdict == Verdict::denied)
        finding.text = fmt::format("{} on {} is denied to {}: `{}` prints the policy that allows it", action, on,
                                   caller_.arn, print_command(settings_, role_));
      findings_.push_back(std::move(finding));
      // A bucket or a service that is not there is not there for any other action either.
      if (verdict == Verdict::failed) return;
    }
  }

  void tell() {
    tell_of(Verdict::denied);
    tell_of(Verdict::failed);
    std::size_t allowed = 0;
    std::size_t simulated = 0;
    for (const auto& permission : permissions_) {
      if (permission.verdict != Verdict::allowed) continue;
      ++allowed;
      simulated += permission.simulated ? 1 : 0;
    }
    if (allowed > 0)
      findings_.push_back({Health::good, subject_,
                           fmt::format("{} of {} permissions are there: {} by calls that change nothing, {} by IAM's "
                                       "simulation",
                                       allowed, permissions_.size(), allowed - simulated, simulated)});
    const auto unasked = actions_with(permissions_, Verdict::unasked);
    if (unasked.empty()) return;
    const std::string why = !not_simulated_.empty() ? not_simulated_
                            : caller_.policy_holder().empty()
                                ? std::string{"IAM simulates users and roles alone"}
                                : std::string{"IAM's simulation does not know them; the command itself will tell"};
    findings_.push_back(
        {Health::warning, subject_,
         fmt::format("not checked, since no call that changes nothing tells: {}; {}", fmt::join(unasked, ", "), why)});
  }

  const Settings& settings_;
  const Clock& clock_;
  const aws::CallerIdentity& caller_;
  const Role role_;
  const std::string subject_;
  std::vector<Permission> permissions_;
  std::string not_simulated_;
  std::vector<Finding> findings_;
};

struct Caller {
  aws::Credentials credentials;
  aws::CallerIdentity identity;
};

Result<Caller> find_caller(const Settings& settings, const Clock& clock) {
  STACK_TRY_ASSIGN(region, aws_region(settings));
  STACK_TRY_ASSIGN(patience, aws_patience(settings));
  STACK_TRY_ASSIGN(provider, aws_credentials(settings, region, clock));
  STACK_TRY_ASSIGN(credentials, provider->get());
  STACK_TRY_ASSIGN(sts, aws::ServiceClient::open(aws::kSts, {.region = region, .endpoint = {}, .patience = patience},
                                                 provider, clock));
  STACK_TRY_ASSIGN(identity, aws::caller_identity(*sts));
  return Caller{.credentials = std::move(credentials), .identity = std::move(identity)};
}

Finding identity_finding(const Caller& caller) {
  const auto& expires = caller.credentials.expires;
  Finding finding{
      .health = Health::good,
      .subject = "AWS identity",
      .text = fmt::format("{}, account {}, by the credentials of {}{}", caller.identity.arn, caller.identity.account,
                          caller.credentials.source,
                          expires ? fmt::format(", good until {} UTC", format_micros(*expires).substr(0, 19)) : "")};
  finding.resource = caller.identity.arn;
  return finding;
}

}  // namespace

Result<std::vector<Finding>> check_aws(Settings& settings, const Clock& clock) {
  STACK_TRY_ASSIGN(roles, roles_asked_for(settings));
  auto caller = find_caller(settings, clock);
  if (!caller) return std::vector<Finding>{{Health::bad, "AWS identity", caller.error().message}};
  settings.set_default("account", caller->identity.account);
  std::vector<Finding> findings = {identity_finding(*caller)};
  for (const Role role : roles)
    for (Finding& finding : RoleCheck(settings, clock, caller->identity, role).run())
      findings.push_back(std::move(finding));
  if (roles.empty())
    findings.push_back({Health::warning, "roles",
                        "no permission was checked: say of what, with --lake s3://…, --output-location, --cluster-arn "
                        "or --role"});
  return findings;
}

}  // namespace stack::app
