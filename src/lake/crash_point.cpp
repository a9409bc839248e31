#include "lake/crash_point.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>

namespace stack::lake {
namespace {

struct CrashAt {
  std::string step;
  int time = 1;
};

CrashAt from_environment() {
  CrashAt crash;
  const char* value = std::getenv("STACK_CRASH_AT");
  if (value == nullptr) return crash;
  const std::string_view text = value;
  const auto colon = text.find(':');
  crash.step = text.substr(0, colon);
  if (colon != std::string_view::npos) std::from_chars(value + colon + 1, value + text.size(), crash.time);
  return crash;
}

}  // namespace

void crash_point(std::string_view step) {
  static const CrashAt crash = from_environment();
  static std::atomic<int> times{0};
  if (crash.step.empty() || crash.step != step) return;
  if (times.fetch_add(1) + 1 == crash.time) std::raise(SIGKILL);
}

}  // namespace stack::lake
