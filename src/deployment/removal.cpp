#include "deployment/removal.hpp"

#include <fmt/format.h>

#include "deployment/bucket.hpp"

namespace stack::deployment {
namespace {

// Whose bucket it was says STATE; where that is not known, or the bucket was there before, what is ours alone goes.
std::vector<std::string> prefixes_of(const Deployment& deployment, const std::optional<aws::StackState>& state) {
  if (state && value_of(*state, "Bucket") == "new") return {""};
  const auto all = with_defaults(deployment.from, deployment.given);
  const auto lake = state ? value_of(*state, "LakePrefix") : all.at("LakePrefix");
  return {lake + "/", "athena-results/", "install/"};
}

}  // namespace

Result<Removal> plan_removal(const Deployment& deployment, bool with_data) {
  STACK_TRY_ASSIGN(state, settled(deployment));
  std::string bucket = state ? value_of(*state, "BucketName") : std::string{};
  if (const auto it = deployment.given.find("BucketName"); bucket.empty() && it != deployment.given.end())
    bucket = it->second;
  if (!state && !with_data)
    return fail(ErrorKind::usage, fmt::format("there is no stack {} in {}", deployment.name, deployment.region));
  if (bucket.empty()) {
    STACK_TRY_ASSIGN(name, own_bucket_name(deployment));
    bucket = std::move(name);
  }
  if (!state) {
    STACK_TRY_ASSIGN(left, deployment.open_bucket(bucket));
    STACK_TRY_ASSIGN(exists, bucket_exists(*left));
    if (!exists)
      return fail(ErrorKind::usage, fmt::format("there is no stack {} in {}, and no bucket {}", deployment.name,
                                                deployment.region, bucket));
  }
  auto prefixes = prefixes_of(deployment, state);
  return Removal{.stack = std::move(state), .bucket = std::move(bucket), .prefixes = std::move(prefixes)};
}

Result<RemovedData> remove_data(const Deployment& deployment, const Removal& removal,
                                std::atomic<std::uint64_t>& removed) {
  STACK_TRY_ASSIGN(bucket, deployment.open_bucket(removal.bucket));
  STACK_TRY_ASSIGN(exists, bucket_exists(*bucket));
  if (!exists) return RemovedData{.bucket = true};
  for (const auto& prefix : removal.prefixes) STACK_TRY(remove_objects(*bucket, prefix, deployment.stop, removed));
  STACK_TRY_ASSIGN(gone, remove_empty_bucket(*bucket));
  return RemovedData{.versions = removed.load(), .bucket = gone};
}

}  // namespace stack::deployment
