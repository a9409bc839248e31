// AWS's shared config and credentials files, merged as the AWS CLI merges them: ~/.aws/config and ~/.aws/credentials,
// or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name
// (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
// Thread-safety: constant once loaded. Failure: ErrorKind::usage for a file that is there and cannot be read or parsed,
// or a profile that AWS_PROFILE names and no file holds. Values may be secrets: they are for signing, not for messages.
#pragma once

#include <aws/sdkutils/aws_profile.h>

#include <memory>
#include <optional>
#include <string>

#include "aws/environment.hpp"
#include "core/result.hpp"

namespace stack::aws {

class ProfileFiles {
 public:
  [[nodiscard]] static Result<ProfileFiles> load(const Environment& environment);

  // The profile that AWS_PROFILE names, else "default".
  [[nodiscard]] const std::string& chosen() const { return chosen_; }
  [[nodiscard]] bool has(const std::string& profile) const;
  // A key of a profile, or of an [sso-session]; none where profile or key is not there, or the value is empty.
  [[nodiscard]] std::optional<std::string> get(const std::string& profile, const std::string& key) const;
  [[nodiscard]] std::optional<std::string> sso_session(const std::string& session, const std::string& key) const;
  // The endpoint_url of SERVICE ("glue") in the [services] section that the profile names, else the profile's own.
  [[nodiscard]] std::optional<std::string> endpoint_url(const std::string& profile, const std::string& service) const;

 private:
  struct Release {
    void operator()(aws_profile_collection* profiles) const { aws_profile_collection_release(profiles); }
  };
  using Collection = std::unique_ptr<aws_profile_collection, Release>;
  static Result<Collection> read(const std::string& path, aws_profile_source_type type);
  [[nodiscard]] std::optional<std::string> value(aws_profile_section_type type, const std::string& section,
                                                 const std::string& key) const;

  Collection profiles_;  // null: neither file exists
  std::string chosen_;
};

}  // namespace stack::aws
