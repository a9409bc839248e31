// The bucket of a deployment on AWS, beside CloudFormation: whether it is there, what the machine installs from it, and
// its end. Thread-safety: as S3Client. Failure: as S3Client; ErrorKind::usage for a file that cannot be read.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "aws/s3_client.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"

namespace stack::deployment {

// An error where it is there and another account's.
[[nodiscard]] Result<bool> bucket_exists(aws::S3Client& bucket);
// Of the bucket that exists; empty where it is not told.
[[nodiscard]] std::string region_of(aws::S3Client& bucket);
[[nodiscard]] Result<void> upload_file(aws::S3Client& bucket, const std::string& key,
                                       const std::filesystem::path& file);
// Whether there is an object whose key begins with PREFIX.
[[nodiscard]] Result<bool> holds_any(aws::S3Client& bucket, const std::string& prefix);
// All versions of all objects whose keys begin with PREFIX, counted in REMOVED; interrupted, it can be called again.
[[nodiscard]] Result<void> remove_objects(aws::S3Client& bucket, const std::string& prefix, const StopFlag& stop,
                                          std::atomic<std::uint64_t>& removed);
// False: it is not empty, and stays.
[[nodiscard]] Result<bool> remove_empty_bucket(aws::S3Client& bucket);

}  // namespace stack::deployment
