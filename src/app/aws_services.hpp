// The AWS services as the settings and the AWS environment reach them: whose credentials, which region, which endpoint.
// Thread-safety: as Settings. Failure: ErrorKind::usage for a region that nothing names, a role or an endpoint that is
// none.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/settings.hpp"
#include "aws/credential_provider.hpp"
#include "aws/service_client.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::app {

// --region, else what the AWS environment names.
[[nodiscard]] Result<std::optional<std::string>> named_region(const Settings& settings);
// As named_region(), or an error that says how to name it.
[[nodiscard]] Result<std::string> aws_region(const Settings& settings);

// How long a service may be without an answer: --connect-timeout.
[[nodiscard]] Result<Milliseconds> aws_patience(const Settings& settings);

// What AWS's own tools would find here, or --role-arn assumed with it: one a process for each role and region, so that
// all services of a command together ask for them once. CLOCK outlives the process's work.
[[nodiscard]] Result<std::shared_ptr<aws::CredentialProvider>> aws_credentials(const Settings& settings,
                                                                               std::optional<std::string> region,
                                                                               const Clock& clock);

// Nothing is connected yet. CLOCK and STOP outlive the client; once STOP is set, nothing is sent again.
[[nodiscard]] Result<std::unique_ptr<aws::ServiceClient>> open_service(const aws::Service& service,
                                                                       const Settings& settings, const Clock& clock,
                                                                       const StopFlag* stop = nullptr);

}  // namespace stack::app
