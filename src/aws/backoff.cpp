#include "aws/backoff.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace stack::aws {
namespace {

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{5'000};

}  // namespace

std::chrono::milliseconds pause_after(int attempts) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto longest = std::min(kLongestPause, kFirstPause * (1 << std::min(attempts, 10)));
  return std::chrono::milliseconds{std::uniform_int_distribution<std::int64_t>{0, longest.count()}(random)};
}

}  // namespace stack::aws
