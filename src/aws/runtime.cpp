#include "aws/runtime.hpp"

#include <aws/auth/auth.h>
#include <aws/common/thread.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "aws/environment.hpp"

namespace stack::aws {
namespace {

constexpr std::chrono::nanoseconds kShutdown = std::chrono::milliseconds{500};
constexpr std::size_t kMostHosts = 16;

}  // namespace

Runtime& Runtime::instance() {
  static Runtime runtime;
  return runtime;
}

Runtime::Runtime() {
  aws_auth_library_init(allocator());
  aws_event_loop_group_options loops{};
  loops.loop_count = 1;
  loops_ = aws_event_loop_group_new(allocator(), &loops);
  aws_host_resolver_default_options hosts{};
  hosts.max_entries = kMostHosts;
  hosts.el_group = loops_;
  resolver_ = aws_host_resolver_new_default(allocator(), &hosts);
  aws_client_bootstrap_options client{};
  client.event_loop_group = loops_;
  client.host_resolver = resolver_;
  bootstrap_ = aws_client_bootstrap_new(allocator(), &client);
}

Runtime::~Runtime() {
  if (tls_ != nullptr) aws_tls_ctx_release(tls_);
  aws_client_bootstrap_release(bootstrap_);
  aws_host_resolver_release(resolver_);
  aws_event_loop_group_release(loops_);
  // A name that is still being looked up, or a connection that closes slowly, must not hold up the process's end: what
  // they use is then left to them.
  aws_thread_set_managed_join_timeout_ns(static_cast<std::uint64_t>(kShutdown.count()));
  if (aws_thread_join_all_managed() == AWS_OP_SUCCESS) aws_auth_library_clean_up();
}

Result<aws_tls_ctx*> Runtime::tls() {
  const std::lock_guard lock{tls_mutex_};
  if (tls_ != nullptr) return tls_;
  const auto bundle = Environment{}.get("AWS_CA_BUNDLE");
  aws_tls_ctx_options options{};
  aws_tls_ctx_options_init_default_client(&options, allocator());
  if (!bundle || aws_tls_ctx_options_override_default_trust_store_from_path(&options, nullptr, bundle->c_str()) == 0)
    tls_ = aws_tls_client_ctx_new(allocator(), &options);
  const int code = aws_last_error();
  aws_tls_ctx_options_clean_up(&options);
  if (tls_ != nullptr) return tls_;
  return fail(ErrorKind::usage,
              fmt::format("the certificates that AWS is checked by cannot be used ({}); check {}", aws_error_str(code),
                          bundle ? "AWS_CA_BUNDLE=" + *bundle : "the package ca-certificates"));
}

}  // namespace stack::aws
