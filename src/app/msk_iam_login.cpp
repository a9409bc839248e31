#include "app/msk_iam_login.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "app/aws_services.hpp"
#include "aws/credential_provider.hpp"
#include "aws/region.hpp"

namespace stack::app {
namespace {

bool is_mechanism(std::string_view name) { return name == "sasl.mechanism" || name == "sasl.mechanisms"; }

Result<std::string> region_of(const Settings& settings, const std::string& servers) {
  if (settings.given("region")) {
    if (!aws::check_region(settings.text("region")))
      return std::unexpected(settings.wrong("region", "an AWS region such as eu-central-1"));
    return settings.text("region");
  }
  if (auto region = aws::region_of_servers(servers)) return *std::move(region);
  STACK_TRY_ASSIGN(configured, aws::configured_region(aws::Environment{}));
  if (configured) return *std::move(configured);
  return fail(ErrorKind::usage, "the AWS region is not known: name the cluster's with --region");
}

}  // namespace

Result<MskIamLogin> msk_iam_login(const Settings& settings, const std::string& servers, const Clock& clock) {
  STACK_TRY_ASSIGN(region, region_of(settings, servers));
  STACK_TRY_ASSIGN(provider, aws_credentials(settings, region, clock));
  const auto agent = fmt::format("stack/{}", STACK_VERSION);
  const auto sign = [provider, region, agent, &clock]() -> Result<aws::MskIamToken> {
    STACK_TRY_ASSIGN(credentials, provider->get());
    return aws::sign_msk_iam_token(credentials, region, clock.now(), agent);
  };
  return MskIamLogin{.region = std::move(region), .tokens = sign};
}

Result<void> use_msk_iam_login(const Settings& settings, kafka::Connection& connection, const Clock& clock) {
  auto& properties = connection.properties;
  // The last of a name counts.
  const auto latest = [&](auto is_meant) {
    return std::find_if(properties.rbegin(), properties.rend(),
                        [&](const auto& property) { return is_meant(property.first); });
  };
  const auto mechanism = latest(is_mechanism);
  if (mechanism == properties.rend() || mechanism->second != "AWS_MSK_IAM") return {};
  mechanism->second = "OAUTHBEARER";
  const auto protocol = latest([](std::string_view name) { return name == "security.protocol"; });
  if (protocol == properties.rend()) {
    properties.emplace_back("security.protocol", "SASL_SSL");
  } else if (!protocol->second.starts_with("SASL_") && !protocol->second.starts_with("sasl_")) {
    return fail(ErrorKind::usage,
                fmt::format("security.protocol={}: AWS_MSK_IAM logs in over SASL_SSL", protocol->second));
  }
  STACK_TRY_ASSIGN(login, msk_iam_login(settings, connection.bootstrap_servers, clock));
  connection.token_source = [tokens = std::move(login.tokens)]() -> Result<kafka::LoginToken> {
    STACK_TRY_ASSIGN(token, tokens());
    return kafka::LoginToken{.value = std::move(token.text), .principal = "stack", .expires = token.expires};
  };
  return {};
}

}  // namespace stack::app
