// Calls to one bucket of Amazon S3, or of a store that speaks its protocol: addressed, signed, tried again where that
// can help, and refused with what to check where it cannot. What is mended on the way: throttling, errors of the
// store's own, lost connections, answers that came damaged, a clock that is wrong, credentials that expired, a bucket
// in another region.
// Thread-safety: call() from any thread.
// Failure: ErrorKind::unreachable when no answer, or none but "later", came within the patience; ErrorKind::access
// where the store refuses this client; ErrorKind::interrupted once the caller is to stop; ErrorKind::storage for the
// rest. Bucket, key, the store's code and the request's id are named, and what to check.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credential_provider.hpp"
#include "aws/endpoint.hpp"
#include "aws/http_pool.hpp"
#include "aws/retry_notice.hpp"
#include "aws/s3_refusal.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::aws {

enum class S3Addressing {
  automatic,  // virtual_host on AWS where the bucket's name can be part of a host's, else path
  path,
  virtual_host,
};

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
enum class S3Encryption {
  bucket_default,
  s3_keys,   // SSE-S3: AES256
  kms_keys,  // SSE-KMS
};

struct S3Bucket {
  std::string name;
  std::string region;
  std::string endpoint = {};     // URL of the service; empty: AWS's in the region
  EndpointVariant variant = {};  // of AWS's
  S3Addressing addressing = S3Addressing::automatic;
  S3Encryption encryption = S3Encryption::bucket_default;
  std::string kms_key = {};  // id or ARN; empty: the account's own for S3
  // False: the store has none. A put that must not replace an object is then one that follows a look for it, which is
  // the same only while nobody else writes.
  bool conditional_writes = true;
};

struct S3Call {
  std::string_view method = "GET";
  std::string_view key = {};     // as it is, not encoded; empty: the bucket itself
  std::string_view action = {};  // that a policy must allow, e.g. "s3:GetObject"
  std::string query = {};        // encoded
  HttpHeaders headers = {};
  std::string_view body = {};
  bool makes_object = false;  // and so says how it is to be encrypted
};

// Attempts since the client was opened, whether or not S3 answered; each retry is one.
struct S3Requests {
  std::uint64_t puts = 0;   // whole objects
  std::uint64_t parts = 0;  // of multipart uploads
  std::uint64_t posts = 0;  // beginnings and ends of multipart uploads
  std::uint64_t gets = 0;
  std::uint64_t heads = 0;
  std::uint64_t lists = 0;
  std::uint64_t deletes = 0;     // and aborted uploads
  std::uint64_t retries = 0;     // of all these
  std::uint64_t bytes_sent = 0;  // of bodies
  std::uint64_t bytes_received = 0;
};

// As S3 writes it: four bytes, most significant first, in Base64.
[[nodiscard]] std::string crc32c_text(std::string_view bytes);

class S3Client {
 public:
  // Without CREDENTIALS calls are anonymous. CLOCK outlives the client. PATIENCE: how long one call goes on without an
  // answer; three times that while the store says "later". TELL hears of a call that is tried again for long. Once
  // STOP, which outlives the client, is set, nobody waits for an answer any more: what was sent may have been done.
  [[nodiscard]] static Result<std::unique_ptr<S3Client>> open(S3Bucket bucket,
                                                              std::shared_ptr<CredentialProvider> credentials,
                                                              const Clock& clock, Milliseconds patience, Tell tell = {},
                                                              const StopFlag* stop = nullptr);

  // The answer, if it is a success, or 404 (no such key or upload), 412 (a condition does not hold) or 416 (no such
  // range). Bytes of a GET are those that the store has a checksum of, where it gives one.
  [[nodiscard]] Result<PooledResponse> call(const S3Call& call);
  // BEFORE_SIGNING is asked before every attempt; none: it said no. The signature's time is never later than the
  // question, however long the process is stopped in between.
  [[nodiscard]] Result<std::optional<PooledResponse>> call_while(const S3Call& call,
                                                                 const std::function<Result<bool>()>& before_signing);
  [[nodiscard]] const S3Bucket& bucket() const { return bucket_; }
  [[nodiscard]] S3Requests requests() const;

 private:
  // Where requests go, and the region they are signed for: the bucket's own, once it is known.
  struct Route {
    std::string region;
    std::string endpoint;
    bool path_style = false;
    std::unique_ptr<HttpPool> pool;
  };
  struct Repairs;  // what one call has tried to mend

  S3Client(S3Bucket bucket, std::shared_ptr<Route> route, std::shared_ptr<CredentialProvider> credentials,
           const Clock& clock, Milliseconds patience, Tell tell, const StopFlag* stop)
      : bucket_(std::move(bucket)),
        route_(std::move(route)),
        credentials_(std::move(credentials)),
        clock_(clock),
        patience_(patience),
        notice_(std::move(tell)),
        stop_(stop) {}

  [[nodiscard]] static Result<std::shared_ptr<Route>> route_to(const S3Bucket& bucket, std::string region,
                                                               Milliseconds patience);
  [[nodiscard]] std::shared_ptr<Route> route() const;
  [[nodiscard]] Result<PooledResponse> attempt(const S3Call& call, const Route& route,
                                               const std::optional<Credentials>& credentials, Micros signed_at,
                                               Deadline last);
  [[nodiscard]] Result<std::optional<PooledResponse>> write_after_look(
      const S3Call& call, const std::function<Result<bool>()>& before_signing);
  [[nodiscard]] std::string path_of(const S3Call& call, const Route& route) const;
  void count(const S3Call& call, bool is_retry, std::size_t bytes_received);
  void add_encryption(HttpHeaders& headers) const;
  [[nodiscard]] bool is_far_off(Micros theirs) const;
  // Whether what REFUSAL complains of was mended, so that asking again at once makes sense.
  [[nodiscard]] Result<bool> mend(const S3Refusal& refusal, const PooledResponse& answer, const Route& route,
                                  const std::optional<Credentials>& credentials, Repairs& repairs);
  [[nodiscard]] Error no_answer(Error error, const S3Call& call, const Route& route) const;
  [[nodiscard]] Error refusal_of(const S3Refusal& refusal, const S3Call& call, const Route& route,
                                 const std::optional<Credentials>& credentials) const;

  S3Bucket bucket_;
  mutable std::mutex mutex_;
  std::shared_ptr<Route> route_;  // guarded by mutex_
  S3Requests requests_;           // guarded by mutex_
  std::shared_ptr<CredentialProvider> credentials_;
  const Clock& clock_;
  Milliseconds patience_;
  RetryNotice notice_;
  const StopFlag* stop_;
  std::atomic<std::int64_t> skew_us_{0};  // the store's clock less ours, once it complained
};

}  // namespace stack::aws
