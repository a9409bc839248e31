// The credentials that this process acts with: found once, kept, and renewed before they expire.
// Thread-safety: get() from any thread; one search at a time, others wait for it.
// Failure: as find_credentials and assume_role. While credentials in hand have not expired, a renewal that fails is not
// an error: it is tried again half a minute later. ErrorKind::interrupted once the caller is to stop.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "aws/credentials.hpp"
#include "aws/environment.hpp"
#include "aws/sts.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::aws {

struct ProviderOptions {
  std::optional<std::string> region = {};  // of STS; none: the environment's, else the profile's
  std::optional<AssumedRole> role = {};    // assumed with what the chain finds
  Milliseconds timeout{20'000};            // of one search, all its calls together
};

class CredentialProvider {
 public:
  // CLOCK outlives the provider.
  CredentialProvider(Environment environment, ProviderOptions options, const Clock& clock)
      : environment_(std::move(environment)), options_(std::move(options)), clock_(clock) {}

  // STOP: once it is set, nothing is waited for. Null: nothing stops it.
  [[nodiscard]] Result<Credentials> get(const StopFlag* stop = nullptr);
  // A service no longer takes these: the next get() looks for others, unless it has been done since.
  void discard(const Credentials& refused);

 private:
  [[nodiscard]] Result<Credentials> find(const StopFlag* stop) const;
  void keep(Credentials found, Micros now);

  const Environment environment_;
  const ProviderOptions options_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<Credentials> kept_;
  Micros due_{};  // when what is kept is to be renewed
};

// The region that AWS_REGION, AWS_DEFAULT_REGION or the chosen profile names, in this order.
[[nodiscard]] Result<std::optional<std::string>> configured_region(const Environment& environment);

}  // namespace stack::aws
