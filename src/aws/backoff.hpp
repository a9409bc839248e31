// How long to wait before a request is sent again.
// Thread-safety: any thread. Never fails.
#pragma once

#include <chrono>

namespace stack::aws {

// After so many attempts (from 0 on). Exponential up to 5 s, anywhere between nothing and that: those that failed
// together do not come back together. (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
[[nodiscard]] std::chrono::milliseconds pause_after(int attempts);

}  // namespace stack::aws
