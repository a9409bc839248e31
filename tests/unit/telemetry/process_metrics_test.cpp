#include "telemetry/process_metrics.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"

namespace stack::telemetry {
namespace {

double value_of(const std::string& name) {
  Exposition exposition;
  add_process_metrics(exposition);
  const auto text = exposition.text();
  const auto at = text.find("\n" + name + " ");
  EXPECT_NE(at, std::string::npos) << name << " is not in\n" << text;
  return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
}

TEST(ProcessMetrics, AreThoseOfThisProcess) {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(value_of("process_start_time_seconds"), now - 600);
  EXPECT_LT(value_of("process_start_time_seconds"), now + 2);
  EXPECT_GE(value_of("process_cpu_seconds_total"), 0);
  EXPECT_LT(value_of("process_cpu_seconds_total"), 600);
  EXPECT_GT(value_of("process_max_fds"), value_of("process_open_fds"));
}

TEST(ProcessMetrics, GrowWithWhatTheProcessTakes) {
  const double before = value_of("process_resident_memory_bytes");
  EXPECT_GT(before, 1e6);
  const std::vector<char> memory(64 << 20, 'x');
  EXPECT_GT(value_of("process_resident_memory_bytes"), before + 50e6);
  EXPECT_GT(value_of("process_virtual_memory_bytes"), value_of("process_resident_memory_bytes"));
  const double open = value_of("process_open_fds");
  const UniqueFd more{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  EXPECT_EQ(value_of("process_open_fds"), open + 1);
  EXPECT_EQ(memory[1000], 'x');
}

}  // namespace
}  // namespace stack::telemetry
