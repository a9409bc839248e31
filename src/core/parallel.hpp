// Work that falls into independent pieces, on several threads.
// Thread-safety: BODY is called from all threads at once, for different indices. Never fails; BODY must not throw.
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>
#include <vector>

namespace stack {

// Calls BODY(0) ... BODY(COUNT - 1) and returns when all are done; THREADS 0: one a processor.
template <class Body>
void for_each_index(std::size_t count, const Body& body, std::size_t threads = 0) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t workers = std::min(threads, count);
  std::vector<std::jthread> others;
  others.reserve(workers);
  for (std::size_t w = 1; w < workers; ++w)
    others.emplace_back([&, w] {
      for (std::size_t i = w; i < count; i += workers) body(i);
    });
  if (workers > 0)
    for (std::size_t i = 0; i < count; i += workers) body(i);
}

}  // namespace stack
