// The AWS Common Runtime of this process: one event loop thread, name resolution and TLS, begun at the first use and
// ended with the process.
// Thread-safety: all members from any thread.
// Failure: a trust store that cannot be read is ErrorKind::usage naming AWS_CA_BUNDLE; memory that is not there ends
// the process, as the runtime itself does.
#pragma once

#include <aws/common/allocator.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/tls_channel_handler.h>

#include <mutex>

#include "core/result.hpp"

namespace stack::aws {

class Runtime {
 public:
  static Runtime& instance();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  [[nodiscard]] static aws_allocator* allocator() { return aws_default_allocator(); }
  [[nodiscard]] aws_client_bootstrap* bootstrap() const { return bootstrap_; }
  // Trusts the system's certificates, or those of the file that the environment's AWS_CA_BUNDLE names.
  [[nodiscard]] Result<aws_tls_ctx*> tls();

 private:
  Runtime();
  aws_event_loop_group* loops_ = nullptr;
  aws_host_resolver* resolver_ = nullptr;
  aws_client_bootstrap* bootstrap_ = nullptr;
  std::mutex tls_mutex_;
  aws_tls_ctx* tls_ = nullptr;
};

}  // namespace stack::aws
