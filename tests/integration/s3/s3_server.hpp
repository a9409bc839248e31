// An S3 server of a test's own that nobody here wrote: versitygw or moto, on this machine, ended with its owner.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "lake/s3_store.hpp"

namespace stack::lake::testing_support {

class S3Server {
 public:
  enum class Kind { versitygw, moto };
  explicit S3Server(Kind kind);  // ends the test program when it does not come up
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;
  ~S3Server();

  [[nodiscard]] const std::string& url() const { return url_; }
  // A bucket that is there.
  [[nodiscard]] static std::string bucket() { return "lake"; }
  [[nodiscard]] std::unique_ptr<aws::S3Client> client() const;
  // An empty store under a prefix of its own.
  [[nodiscard]] std::unique_ptr<S3Store> store();

 private:
  void start(Kind kind, int port);
  [[nodiscard]] bool answers() const;

  std::filesystem::path folder_;
  std::string url_;
  pid_t pid_ = 0;
  int stores_ = 0;
};

}  // namespace stack::lake::testing_support
