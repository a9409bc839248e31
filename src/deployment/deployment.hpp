// The whole pipeline on AWS as one CloudFormation stack: what every work on it goes by, and what making, changing and
// removing it have in common. Thread-safety: one caller. Failure: as CloudFormation; ErrorKind::failed where a resource
// did, naming it; ErrorKind::interrupted where the user stops watching, which does not stop the stack.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/cloudformation.hpp"
#include "aws/s3_client.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "deployment/news.hpp"
#include "deployment/template.hpp"

namespace stack::deployment {

// A file that the machine installs, and its key in the bucket.
struct Upload {
  std::filesystem::path file;
  std::string key;
};

struct Deployment {
  std::string name;
  std::string region;
  DeploymentTemplate from;
  ParameterValues given;
  std::vector<Upload> uploads;
  aws::CloudFormation& service;
  std::function<Result<std::string>()> account;  // the caller's
  std::function<Result<std::unique_ptr<aws::S3Client>>(const std::string& name)> open_bucket;
  const News& news;
  const StopFlag& stop;
  const Clock& clock;
};

// A new one each time: it makes one request of the same that is sent twice.
[[nodiscard]] std::string token_of(const Clock& clock);
// Null: there is none.
[[nodiscard]] const aws::StackParameter* parameter_of(const aws::StackState& state, std::string_view name);
// Of a request that was cut off, what is not known.
[[nodiscard]] Error perhaps_taken(Error error);
// Empty where there is none.
[[nodiscard]] std::string value_of(const aws::StackState& state, std::string_view name);
// That a deployment has which names none. ErrorKind::usage where it would be longer than S3 takes.
[[nodiscard]] Result<std::string> own_bucket_name(const Deployment& deployment);
[[nodiscard]] Result<std::string> last_event_of(aws::CloudFormation& service, const std::string& id);

// What there is; a stack at work is watched to its end first, whoever set it to work.
[[nodiscard]] Result<std::optional<aws::StackState>> settled(const Deployment& deployment);
// The bucket stays.
[[nodiscard]] Result<void> remove_stack(const Deployment& deployment, const aws::StackState& state);

}  // namespace stack::deployment
