#include "app/aws_findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/aws_services.hpp"
#include "app/role_settings.hpp"
#include "app/s3_lake.hpp"
#include "aws/caller_identity.hpp"
#include "iam/role_check.hpp"

namespace stack::app {
namespace {

using iam::Permission;
using iam::Role;
using iam::Verdict;

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

// What is told of the answers, one thing after the other.
class RoleFindings {
 public:
  RoleFindings(const Settings& settings, const aws::CallerIdentity& caller, Role role, iam::RoleAnswers answers)
      : settings_(settings),
        caller_(caller),
        role_(role),
        subject_(fmt::format("role {}", name_of(role))),
        answers_(std::move(answers)) {}

  std::vector<Finding> tell() && {
    for (const auto& trouble : answers_.troubles) findings_.push_back({Health::bad, subject_, trouble});
    tell_of_the_denied();
    tell_of_the_failed();
    tell_of_the_allowed();
    tell_of_the_unasked();
    return std::move(findings_);
  }

 private:
  // One finding an action, whatever number of resources it is missing on.
  void tell_of_the_denied() {
    for (const auto& action : actions_with(answers_.permissions, Verdict::denied)) {
      std::vector<std::string> resources;
      std::string said;
      for (const auto& permission : answers_.permissions) {
        if (permission.action != action || permission.verdict != Verdict::denied) continue;
        resources.push_back(permission.resource);
        if (said.empty()) said = permission.said;
      }
      const auto on = fmt::format("{}", fmt::join(resources, ", "));
      findings_.push_back({.health = Health::bad,
                           .subject = subject_,
                           .text = fmt::format("{} on {} is denied to {}: `{}` prints the policy that allows it",
                                               action, on, caller_.arn, print_command(settings_, role_)),
                           .role = std::string{name_of(role_)},
                           .action = action,
                           .resource = on,
                           .said = said});
    }
  }

  // A bucket or a service that is not there is not there for any of its actions: one finding a service names them all.
  void tell_of_the_failed() {
    const auto actions = actions_with(answers_.permissions, Verdict::failed);
    std::vector<std::string_view> told;
    for (const auto& permission : answers_.permissions) {
      if (permission.verdict != Verdict::failed) continue;
      const std::string_view service = std::string_view{permission.action}.substr(0, permission.action.find(':') + 1);
      if (std::ranges::find(told, service) != told.end()) continue;
      told.push_back(service);
      std::vector<std::string> unknown;
      for (const auto& action : actions)
        if (action.starts_with(service)) unknown.push_back(action);
      findings_.push_back(
          {.health = Health::bad,
           .subject = subject_,
           .text = fmt::format("{} (so it is not known of {})", permission.said, fmt::join(unknown, ", ")),
           .role = std::string{name_of(role_)},
           .action = permission.action,
           .resource = permission.resource,
           .said = permission.said});
    }
  }

  void tell_of_the_allowed() {
    std::size_t allowed = 0;
    std::size_t simulated = 0;
    for (const auto& permission : answers_.permissions) {
      if (permission.verdict != Verdict::allowed) continue;
      ++allowed;
      simulated += permission.simulated ? 1 : 0;
    }
    if (allowed > 0)
      findings_.push_back({Health::good, subject_,
                           fmt::format("{} of {} permissions are there: {} by calls that change nothing, {} by IAM's "
                                       "simulation",
                                       allowed, answers_.permissions.size(), allowed - simulated, simulated)});
  }

  void tell_of_the_unasked() {
    const auto unasked = actions_with(answers_.permissions, Verdict::unasked);
    if (unasked.empty()) return;
    const std::string why = !answers_.not_simulated.empty() ? answers_.not_simulated
                            : caller_.policy_holder().empty()
                                ? std::string{"IAM simulates users and roles alone"}
                                : std::string{"IAM's simulation does not know them; the command itself will tell"};
    findings_.push_back(
        {Health::warning, subject_,
         fmt::format("not checked, since no call that changes nothing tells: {}; {}", fmt::join(unasked, ", "), why)});
  }

  const Settings& settings_;
  const aws::CallerIdentity& caller_;
  const Role role_;
  const std::string subject_;
  const iam::RoleAnswers answers_;
  std::vector<Finding> findings_;
};

std::vector<Finding> check_role(const Settings& settings, const Clock& clock, const aws::CallerIdentity& caller,
                                Role role, const StopFlag& stop) {
  const auto scope = policy_scope(settings, role);
  if (!scope) return {{Health::bad, fmt::format("role {}", name_of(role)), scope.error().message}};
  const iam::Openers open{
      .s3 = [&](const aws::S3Place& place) { return open_s3_client(settings, place, clock, &stop); },
      .service = [&](const aws::Service& service) { return open_service(service, settings, clock, &stop); }};
  return RoleFindings(settings, caller, role, iam::ask_permissions(role, *scope, caller, open)).tell();
}

struct Caller {
  aws::Credentials credentials;
  aws::CallerIdentity identity;
};

Result<Caller> find_caller(const Settings& settings, const Clock& clock, const StopFlag& stop) {
  STACK_TRY_ASSIGN(region, aws_region(settings));
  STACK_TRY_ASSIGN(patience, aws_patience(settings));
  STACK_TRY_ASSIGN(provider, aws_credentials(settings, region, clock));
  STACK_TRY_ASSIGN(credentials, provider->get(&stop));
  STACK_TRY_ASSIGN(
      sts, aws::ServiceClient::open(aws::kSts, {.region = region, .endpoint = {}, .patience = patience, .stop = &stop},
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

Result<std::vector<Finding>> check_aws(Settings& settings, const Clock& clock, const StopFlag& stop) {
  STACK_TRY_ASSIGN(roles, roles_asked_for(settings));
  auto caller = find_caller(settings, clock, stop);
  if (stop.requested()) return fail(ErrorKind::interrupted, "doctor: interrupted");
  if (!caller) return std::vector<Finding>{{Health::bad, "AWS identity", caller.error().message}};
  settings.set_default("account", caller->identity.account);
  std::vector<Finding> findings = {identity_finding(*caller)};
  for (const Role role : roles) {
    for (Finding& finding : check_role(settings, clock, caller->identity, role, stop))
      findings.push_back(std::move(finding));
    if (stop.requested()) return fail(ErrorKind::interrupted, "doctor: interrupted");
  }
  if (roles.empty())
    findings.push_back({Health::warning, "roles",
                        "no permission was checked: say of what, with --lake s3://…, --output-location, --cluster-arn "
                        "or --role"});
  return findings;
}

}  // namespace stack::app
