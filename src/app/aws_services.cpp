#include "app/aws_services.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "app/assumed_role.hpp"
#include "app/progress.hpp"
#include "aws/region.hpp"

namespace stack::app {
namespace {

// Whose credentials: region of STS; ARN, session, external id and duration of the role; by whose time.
using Identity = std::tuple<std::string, std::string, std::string, std::string, std::chrono::seconds, const Clock*>;

class SharedProviders {
 public:
  std::shared_ptr<aws::CredentialProvider> of(aws::ProviderOptions options, const Clock& clock) {
    const auto role = options.role.value_or(aws::AssumedRole{});
    Identity identity{
        options.region.value_or(""), role.arn, role.session_name, role.external_id, role.duration, &clock};
    const std::lock_guard lock{mutex_};
    auto& provider = providers_[std::move(identity)];
    if (!provider) provider = std::make_shared<aws::CredentialProvider>(aws::Environment{}, std::move(options), clock);
    return provider;
  }

 private:
  std::mutex mutex_;
  std::map<Identity, std::shared_ptr<aws::CredentialProvider>> providers_;
};

}  // namespace

Result<std::optional<std::string>> named_region(const Settings& settings) {
  if (!settings.given("region")) return aws::configured_region(aws::Environment{});
  if (!aws::check_region(settings.text("region")))
    return std::unexpected(settings.wrong("region", "an AWS region such as eu-central-1"));
  return settings.text("region");
}

Result<std::string> aws_region(const Settings& settings) {
  STACK_TRY_ASSIGN(named, named_region(settings));
  if (named) return *std::move(named);
  return fail(ErrorKind::usage, "the AWS region is not known: name it with --region or AWS_REGION");
}

Result<Milliseconds> aws_patience(const Settings& settings) {
  STACK_TRY_ASSIGN(timeout, settings.duration("connect-timeout"));
  return timeout.value_or(Milliseconds{20'000});
}

Result<std::shared_ptr<aws::CredentialProvider>> aws_credentials(const Settings& settings,
                                                                 std::optional<std::string> region,
                                                                 const Clock& clock) {
  STACK_TRY_ASSIGN(role, assumed_role(settings));
  STACK_TRY_ASSIGN(patience, aws_patience(settings));
  static SharedProviders providers;
  return providers.of({.region = std::move(region), .role = std::move(role), .timeout = patience}, clock);
}

Result<std::unique_ptr<aws::ServiceClient>> open_service(const aws::Service& service, const Settings& settings,
                                                         const Clock& clock, const StopFlag* stop) {
  STACK_TRY_ASSIGN(region, aws_region(settings));
  STACK_TRY_ASSIGN(patience, aws_patience(settings));
  STACK_TRY_ASSIGN(credentials, aws_credentials(settings, region, clock));
  return aws::ServiceClient::open(service,
                                  {.region = std::move(region),
                                   .endpoint = {},
                                   .patience = patience,
                                   .stop = stop,
                                   .tell = {.line = warn_meanwhile}},
                                  std::move(credentials), clock);
}

}  // namespace stack::app
