// Calls to one AWS service of the JSON or the query protocol: addressed, signed, tried again where that can help, and
// refused with what to check where it cannot. What is mended on the way: throttling, errors of the service's own, lost
// connections, a clock that is wrong, credentials that expired.
// (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html,
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html)
// Thread-safety: call() from any thread.
// Failure: ErrorKind::unreachable when no answer, or none but "later", came within the patience; ErrorKind::access
// where the service refuses this client, naming the action and the caller; ErrorKind::usage for a region or endpoint
// that is none; ErrorKind::interrupted where it was to stop before an answer came; ErrorKind::storage for the rest. The
// service's code and the request's id are named.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aws/credential_provider.hpp"
#include "aws/endpoint.hpp"
#include "aws/http_pool.hpp"
#include "aws/retry_limit.hpp"
#include "aws/retry_notice.hpp"
#include "aws/service.hpp"
#include "aws/service_refusal.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::aws {

struct ServiceAnswer {
  std::string body;  // JSON, or XML of the query protocol
  std::string code;  // of a refusal that the caller said it expects, e.g. "EntityNotFoundException"; empty: a success
  std::string said;  // the service's sentence of that refusal
};

struct ServiceOptions {
  std::string region;
  std::string endpoint = {};       // URL; empty: as endpoint_of() finds it
  Milliseconds patience{20'000};   // how long one call goes on without an answer; three times that while it is "later"
  const StopFlag* stop = nullptr;  // once set, nothing is sent and no answer waited for
  Tell tell = {};                  // of a call that is tried again for long
};

class ServiceClient {
 public:
  // SERVICE and CLOCK outlive the client. Nothing is connected yet.
  [[nodiscard]] static Result<std::unique_ptr<ServiceClient>> open(const Service& service, ServiceOptions options,
                                                                   std::shared_ptr<CredentialProvider> credentials,
                                                                   const Clock& clock,
                                                                   const Environment& environment = {});

  // BODY: a JSON object; of the query protocol, form fields without Action and Version ("Name=x&Other=y").
  // EXPECTED: codes of refusals that are no errors to the caller. RESOURCE: what it is about, for messages ("table
  // stack.ticks"). SENT: set to whether a request may have reached the service; where it is false none has.
  [[nodiscard]] Result<ServiceAnswer> call(std::string_view operation, std::string_view body,
                                           std::initializer_list<std::string_view> expected = {},
                                           std::string_view resource = {}, bool* sent = nullptr);
  [[nodiscard]] const std::string& region() const { return endpoint_.region; }
  [[nodiscard]] const std::string& endpoint() const { return endpoint_.url; }

 private:
  struct Repairs;  // what one call has tried to mend

  ServiceClient(const Service& service, Endpoint endpoint, std::unique_ptr<HttpPool> pool, RetryLimit limit,
                std::shared_ptr<CredentialProvider> credentials, const Clock& clock, Milliseconds patience,
                const StopFlag* stop, Tell tell)
      : service_(service),
        endpoint_(std::move(endpoint)),
        pool_(std::move(pool)),
        limit_(std::move(limit)),
        credentials_(std::move(credentials)),
        clock_(clock),
        patience_(patience),
        stop_(stop),
        notice_(std::move(tell)) {}

  [[nodiscard]] Result<PooledResponse> attempt(std::string_view operation, std::string_view body,
                                               const Credentials& credentials, Deadline deadline, bool* sent);
  // Whether what REFUSAL complains of was mended, so that asking again at once makes sense.
  [[nodiscard]] bool mend(const ServiceRefusal& refusal, const PooledResponse& answer, const Credentials& credentials,
                          Repairs& repairs);
  [[nodiscard]] Error no_answer(Error error, std::string_view operation) const;

  const Service& service_;
  Endpoint endpoint_;
  std::unique_ptr<HttpPool> pool_;
  RetryLimit limit_;
  std::shared_ptr<CredentialProvider> credentials_;
  const Clock& clock_;
  Milliseconds patience_;
  const StopFlag* stop_;
  RetryNotice notice_;
  std::atomic<std::int64_t> skew_us_{0};  // the service's clock less ours, once it complained
};

}  // namespace stack::aws
