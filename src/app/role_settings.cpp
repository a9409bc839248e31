#include "app/role_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/engine_choice.hpp"
#include "app/names.hpp"
#include "aws/credential_provider.hpp"
#include "aws/region.hpp"
#include "core/nearest_name.hpp"
#include "lake/lake_layout.hpp"

namespace stack::app {
namespace {

using aws::S3Place;
using iam::MskCluster;
using iam::PolicyScope;
using iam::Role;

std::unexpected<Error> missing(Role role, std::string_view what, std::string_view option, std::string_view example) {
  return fail(ErrorKind::usage, fmt::format("the policy of the {} names {}: say which with --{}, as in --{} {}",
                                            name_of(role), what, option, option, example));
}

Result<std::optional<MskCluster>> cluster_of(const Settings& settings) {
  if (!settings.given("cluster-arn")) return std::nullopt;
  auto cluster = iam::parse_cluster_arn(settings.text("cluster-arn"));
  if (!cluster)
    return std::unexpected(
        settings.wrong("cluster-arn", "the ARN of an MSK cluster, arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID"));
  return cluster;
}

// In ARNs of policies '*' and '?' stand for any characters and '$' for a variable.
Result<S3Place> place_of(const Settings& settings, std::string_view option) {
  STACK_TRY_ASSIGN(place, aws::parse_s3_place(option, settings.text(option)));
  if (place.prefix.find_first_of("*?$") == std::string::npos) return place;
  return std::unexpected(settings.wrong(option, "a place whose name a policy can say: without '*', '?' and '$'"));
}

// A name, or the beginning of names and a '*'.
Result<std::string> pattern_of(const Settings& settings, std::string_view option,
                               Result<void> (*check)(std::string_view)) {
  const std::string text = settings.text(option);
  std::string_view name = text;
  if (name.ends_with('*')) name.remove_suffix(1);
  if ((!name.empty() || text.empty()) && !check(name))
    return std::unexpected(settings.wrong(option, "a name, or the beginning of names and a '*'"));
  return text;
}

bool is_workgroup(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

Result<std::string> region_of(const Settings& settings, const PolicyScope& scope) {
  std::string region = settings.text("region");
  if (region.empty() && scope.cluster) region = scope.cluster->region;
  if (region.empty()) {
    STACK_TRY_ASSIGN(configured, aws::configured_region(aws::Environment{}));
    region = configured.value_or("");
  }
  if (!region.empty() && !aws::check_region(region))
    return std::unexpected(settings.wrong("region", "an AWS region such as eu-central-1"));
  return region;
}

Result<std::string> account_of(const Settings& settings, const PolicyScope& scope) {
  if (settings.text("account").empty()) return scope.cluster ? scope.cluster->account : std::string{};
  if (!iam::is_account_id(settings.text("account")))
    return std::unexpected(settings.wrong("account", "the twelve digits of an AWS account"));
  return settings.text("account");
}

Result<std::string> key_of(const Settings& settings, const PolicyScope& scope, Role role) {
  const auto key = settings.text("s3-kms-key");
  if (key.empty()) return key;
  if (key.starts_with("arn:") && key.find(":key/") != std::string::npos) return key;
  if (key.find_first_of(":/") != std::string::npos)
    return std::unexpected(settings.wrong("s3-kms-key", "the key's id or ARN: a policy does not follow an alias"));
  if (scope.region.empty()) return missing(role, "the KMS key by its region", "region", "eu-central-1");
  if (scope.account.empty()) return missing(role, "the KMS key by its account", "account", "123456789012");
  return fmt::format("arn:{}:kms:{}:{}:key/{}", scope.partition, scope.region, scope.account, key);
}

Result<void> add_lake(const Settings& settings, Role role, PolicyScope& scope) {
  if (!settings.given("lake")) return missing(role, "the lake", "lake", "s3://my-bucket/lake");
  STACK_TRY_ASSIGN(lake, place_of(settings, "lake"));
  scope.lake = std::move(lake);
  STACK_TRY_ASSIGN(key, key_of(settings, scope, role));
  scope.kms_key = std::move(key);
  return {};
}

// Glue and Athena have no ARNs without them.
Result<void> check_place(const PolicyScope& scope, Role role) {
  if (scope.region.empty()) return missing(role, "a region", "region", "eu-central-1");
  if (scope.account.empty()) return missing(role, "an account", "account", "123456789012");
  return {};
}

// Whether one of the places is the other or lies in it.
bool overlap(const S3Place& one, const S3Place& other) {
  if (one.bucket != other.bucket) return false;
  const auto holds = [](const std::string& outer, const std::string& inner) {
    return outer.empty() || (inner + "/").starts_with(outer + "/");
  };
  return holds(one.prefix, other.prefix) || holds(other.prefix, one.prefix);
}

Result<void> add_athena(const Settings& settings, PolicyScope& scope) {
  scope.workgroup = settings.text("workgroup");
  if (!is_workgroup(scope.workgroup))
    return std::unexpected(settings.wrong("workgroup", "a name of letters, digits, '.', '_' and '-', at most 128"));
  if (!settings.given("output-location"))
    return missing(Role::analyst, "where Athena writes results", "output-location", "s3://my-results/athena");
  STACK_TRY_ASSIGN(results, place_of(settings, "output-location"));
  scope.results = std::move(results);
  if (overlap(scope.lake, scope.results))
    return fail(ErrorKind::usage,
                fmt::format("--output-location {} and --lake {} lie one in the other, so that who writes results could "
                            "write the lake: choose another place for results",
                            settings.text("output-location"), settings.text("lake")));
  return {};
}

Result<void> add_extras(const Settings& settings, Role role, PolicyScope& scope) {
  for (const auto& what : settings.list("allow")) {
    if (what == "create-topic" && role == Role::producer)
      scope.creates_topic = true;
    else if (what == "compact" && role == Role::sink)
      scope.compacts = true;
    else
      return std::unexpected(settings.wrong("allow", "create-topic (of a producer) or compact (of a sink)"));
  }
  return {};
}

Result<PolicyScope> place_scope(const Settings& settings) {
  PolicyScope scope;
  STACK_TRY_ASSIGN(cluster, cluster_of(settings));
  scope.cluster = std::move(cluster);
  STACK_TRY_ASSIGN(region, region_of(settings, scope));
  STACK_TRY_ASSIGN(account, account_of(settings, scope));
  scope.region = std::move(region);
  scope.account = std::move(account);
  scope.partition = aws::partition_of(scope.region).id;
  return scope;
}

// Whose crawl the role is for: --engine stack, which is meant where none is named, or glue.
Result<void> add_engine(const Settings& settings, PolicyScope& scope) {
  const auto engine = engine_choice(settings, kCrawlEngines, kQueryEngines);
  STACK_TRY(engine);
  scope.as_glue = *engine == "glue";
  return {};
}

Result<void> add_crawler_role(const Settings& settings, PolicyScope& scope) {
  scope.crawler_role = settings.text("crawler-role");
  if (scope.crawler_role.empty()) return {};
  if (scope.crawler_role.starts_with("arn:") && scope.crawler_role.find(":role/") != std::string::npos) return {};
  if (scope.crawler_role.find_first_of(":*?$ ") != std::string::npos)
    return std::unexpected(settings.wrong("crawler-role", "the name of a role, or arn:aws:iam::ACCOUNT:role/NAME"));
  scope.crawler_role = fmt::format("arn:{}:iam::{}:role/{}", scope.partition, scope.account, scope.crawler_role);
  return {};
}

}  // namespace

Result<Role> parse_role(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Role role : iam::kRoles) {
    if (name_of(role) == name) return role;
    names.push_back(name_of(role));
  }
  const auto nearest = nearest_name(name, names);
  return fail(ErrorKind::usage, fmt::format("\"{}\" is none of the roles producer, sink, compactor, crawler, analyst{}",
                                            name, nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
}

Result<PolicyScope> policy_scope(const Settings& settings, Role role) {
  STACK_TRY_ASSIGN(scope, place_scope(settings));
  STACK_TRY(check_database(settings));
  STACK_TRY_ASSIGN(topic, pattern_of(settings, "topic", lake::check_topic_name));
  STACK_TRY_ASSIGN(table, pattern_of(settings, "table", lake::check_table_name));
  scope.topic = std::move(topic);
  scope.table = std::move(table);
  scope.database = settings.text("database");
  STACK_TRY(add_extras(settings, role, scope));
  if (role == Role::producer) {
    if (!scope.cluster)
      return missing(role, "the cluster", "cluster-arn", "arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID");
    return scope;
  }
  STACK_TRY(add_lake(settings, role, scope));
  if (role == Role::sink) {
    scope.dlq_topic = settings.text("dlq-topic");
    scope.registers = settings.flag("register");
    scope.in_glue = settings.text("catalog") == "glue";
    if (scope.registers && scope.in_glue) STACK_TRY(check_place(scope, role));
    return scope;
  }
  if (role == Role::compactor) return scope;
  STACK_TRY(check_place(scope, role));
  if (role == Role::crawler) {
    STACK_TRY(add_engine(settings, scope));
    STACK_TRY(add_crawler_role(settings, scope));
  } else {
    STACK_TRY(add_athena(settings, scope));
  }
  return scope;
}

Result<PolicyScope> trust_scope(const Settings& settings, Role role) {
  STACK_TRY_ASSIGN(scope, place_scope(settings));
  if (role == Role::crawler) STACK_TRY(add_engine(settings, scope));
  if (role == Role::analyst && scope.account.empty())
    return missing(role, "the account whose users may take the role", "account", "123456789012");
  if (role != Role::analyst && settings.given("external-id"))
    return fail(
        ErrorKind::usage,
        fmt::format("--external-id: a service of AWS takes the role of a {}, and gives no external id", name_of(role)));
  return scope;
}

}  // namespace stack::app
