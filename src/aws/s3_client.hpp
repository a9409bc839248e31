// Calls to one bucket of Amazon S3, or of a store that speaks its protocol: addressed, signed, tried again where that
// can help, and refused with what to check where it cannot.
// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)
// Thread-safety: call() from any thread.
// Failure: ErrorKind::unreachable when no answer came within the patience; ErrorKind::access where the store refuses
// this client; ErrorKind::storage for the rest. Bucket, key, the store's code and the request's id are named.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credential_provider.hpp"
#include "aws/http_pool.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace stack::aws {

enum class S3Addressing {
  automatic,  // virtual_host on AWS where the bucket's name can be part of a host's, else path
  path,
  virtual_host,
};

struct S3Bucket {
  std::string name;
  std::string region;
  std::string endpoint = {};  // URL of the service; empty: AWS's in the region
  S3Addressing addressing = S3Addressing::automatic;
};

struct S3Call {
  std::string_view method = "GET";
  std::string_view key = {};  // as it is, not encoded; empty: the bucket itself
  std::string query = {};     // encoded
  HttpHeaders headers = {};
  std::string_view body = {};
};

// As S3 writes it: four bytes, most significant first, in Base64.
[[nodiscard]] std::string crc32c_text(std::string_view bytes);

class S3Client {
 public:
  // Without CREDENTIALS calls are anonymous. CLOCK outlives the client.
  [[nodiscard]] static Result<std::unique_ptr<S3Client>> open(S3Bucket bucket,
                                                              std::shared_ptr<CredentialProvider> credentials,
                                                              const Clock& clock, Milliseconds patience);

  // The answer, if it is a success, or 404 (no such key), 412 (a condition does not hold) or 416 (no such range).
  [[nodiscard]] Result<PooledResponse> call(const S3Call& call);
  // BEFORE_SIGNING is asked before every attempt; none: it said no.
  [[nodiscard]] Result<std::optional<PooledResponse>> call_while(const S3Call& call,
                                                                 const std::function<Result<bool>()>& before_signing);
  [[nodiscard]] const S3Bucket& bucket() const { return bucket_; }

 private:
  S3Client(S3Bucket bucket, bool path_style, std::unique_ptr<HttpPool> pool,
           std::shared_ptr<CredentialProvider> credentials, const Clock& clock, Milliseconds patience)
      : bucket_(std::move(bucket)),
        path_style_(path_style),
        pool_(std::move(pool)),
        credentials_(std::move(credentials)),
        clock_(clock),
        patience_(patience) {}

  [[nodiscard]] Result<PooledResponse> attempt(const S3Call& call, Deadline deadline);
  [[nodiscard]] std::string path_of(const S3Call& call) const;
  [[nodiscard]] Error refusal(const S3Call& call, const PooledResponse& answer) const;

  S3Bucket bucket_;
  bool path_style_;
  std::unique_ptr<HttpPool> pool_;
  std::shared_ptr<CredentialProvider> credentials_;
  const Clock& clock_;
  Milliseconds patience_;
};

}  // namespace stack::aws
