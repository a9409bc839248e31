#include "aws/credential_provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aws/credential_sources.hpp"
#include "aws/region.hpp"

namespace stack::aws {
namespace {

// Before their end, as botocore; of short-lived ones a third of their time.
constexpr std::chrono::minutes kBeforeEnd{10};
// Keys in files are changed by hand or by tools that do not say so.
constexpr std::chrono::minutes kLookAgain{15};
constexpr std::chrono::seconds kTryAgain{30};

std::optional<std::string> region_of(const Environment& environment, const ProfileFiles& profiles) {
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto region = environment.get(variable)) return region;
  return profiles.get(profiles.chosen(), "region");
}

}  // namespace

Result<std::optional<std::string>> configured_region(const Environment& environment) {
  STACK_TRY_ASSIGN(profiles, ProfileFiles::load(environment));
  auto region = region_of(environment, profiles);
  if (region) STACK_TRY(check_region(*region));
  return region;
}

Result<Credentials> CredentialProvider::get(const StopFlag* stop) {
  const std::lock_guard lock{mutex_};
  const auto now = clock_.now();
  if (kept_ && now < due_) return *kept_;
  auto found = find(stop);
  if (found) {
    keep(*std::move(found), now);
    return *kept_;
  }
  if (found.error().kind == ErrorKind::interrupted) return found;
  if (kept_ && kept_->expires && *kept_->expires > now) {
    due_ = now + kTryAgain;
    return *kept_;
  }
  return found;
}

void CredentialProvider::discard(const Credentials& refused) {
  const std::lock_guard lock{mutex_};
  const bool current = kept_ && kept_->access_key_id == refused.access_key_id &&
                       kept_->secret_access_key == refused.secret_access_key &&
                       kept_->session_token == refused.session_token;
  if (current) kept_.reset();
}

void CredentialProvider::keep(Credentials found, Micros now) {
  kept_ = std::move(found);
  if (!kept_->expires) {
    due_ = now + kLookAgain;
    return;
  }
  const auto lasts = *kept_->expires - now;
  due_ = *kept_->expires - std::min<Micros::duration>(kBeforeEnd, lasts / 3);
}

Result<Credentials> CredentialProvider::find(const StopFlag* stop) const {
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  STACK_TRY_ASSIGN(profiles, ProfileFiles::load(environment_));
  auto region = options_.region ? options_.region : region_of(environment_, profiles);
  if (region) STACK_TRY(check_region(*region));
  CredentialSearch search{.environment = environment_,
                          .profiles = profiles,
                          .region = std::move(region),
                          .clock = clock_,
                          .deadline = deadline,
                          .stop = stop};
  auto found = find_credentials(search);
  if (!found && found.error().kind != ErrorKind::interrupted && options_.role)
    return std::unexpected(std::move(found).error().within(fmt::format("assuming role {}", options_.role->arn)));
  STACK_TRY(found);
  const Credentials caller = *std::move(found);
  if (caller.expires && *caller.expires <= clock_.now())
    return fail(ErrorKind::access, fmt::format("the credentials of {} expired at {} UTC; renew them", caller.source,
                                               format_micros(*caller.expires).substr(0, 19)));
  if (!options_.role) return caller;
  STACK_TRY_ASSIGN(endpoint, sts_endpoint(environment_, search.region));
  return assume_role(*options_.role, caller, endpoint, clock_, deadline, stop);
}

}  // namespace stack::aws
