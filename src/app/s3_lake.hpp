// A lake in Amazon S3, or in a store that speaks its protocol, from s3://BUCKET[/PREFIX], the settings and the AWS
// environment. Thread-safety: as Settings. Failure: ErrorKind::usage for an address that is none or a region that
// nothing names.
#pragma once

#include <memory>
#include <string>

#include "app/settings.hpp"
#include "aws/s3_client.hpp"
#include "aws/s3_place.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "lake/object_store.hpp"

namespace stack::app {

// URL of the S3 service that the settings or the environment name; empty: AWS's own.
[[nodiscard]] Result<std::string> s3_endpoint(const Settings& settings);

// Nothing is connected yet. CLOCK outlives the client, and the store, and so does STOP: once it is set, requests are
// given up. Null: they are not.
[[nodiscard]] Result<std::unique_ptr<aws::S3Client>> open_s3_client(const Settings& settings, const aws::S3Place& place,
                                                                    const Clock& clock, const StopFlag* stop);
[[nodiscard]] Result<std::unique_ptr<lake::ObjectStore>> open_s3_lake(const Settings& settings, const std::string& uri,
                                                                      const Clock& clock, const StopFlag* stop);

// What LAKE has asked of S3 so far, as a JSON object: attempts by operation, and bytes; empty where it is not in S3.
[[nodiscard]] std::string s3_requests_json(const lake::ObjectStore& lake);

}  // namespace stack::app
