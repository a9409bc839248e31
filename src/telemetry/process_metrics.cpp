#include "telemetry/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace stack::telemetry {
namespace {

constexpr Metric kCpu{"process_cpu_seconds_total", MetricType::counter,
                      "Processor time of the process, user and system"};
constexpr Metric kStart{"process_start_time_seconds", MetricType::gauge,
                        "When the process started, in seconds since 1970"};
constexpr Metric kResident{"process_resident_memory_bytes", MetricType::gauge, "Memory that the process holds"};
constexpr Metric kVirtual{"process_virtual_memory_bytes", MetricType::gauge, "Address space of the process"};
constexpr Metric kOpen{"process_open_fds", MetricType::gauge, "File descriptors that are open"};
constexpr Metric kMostOpen{"process_max_fds", MetricType::gauge, "File descriptors that may be open"};

// Fields of /proc/self/stat by their number in proc(5), less three: the first are the pid, the name and the state.
constexpr std::size_t kStartTime = 22 - 3;
constexpr std::size_t kVirtualSize = 23 - 3;
constexpr std::size_t kResidentPages = 24 - 3;

std::string content_of(const char* path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// The fields behind the program's name, which may hold anything, parentheses too.
std::array<std::uint64_t, 24> stat_fields() {
  std::array<std::uint64_t, 24> fields{};
  const std::string stat = content_of("/proc/self/stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return fields;
  const char* at = stat.data() + name_end + 2;  // the state, field 3
  const char* const end = stat.data() + stat.size();
  for (auto& field : fields) {
    std::from_chars(at, end, field);  // the state and negative numbers stay 0
    while (at != end && *at != ' ') ++at;
    if (at != end) ++at;
  }
  return fields;
}

// When the machine started, in seconds since 1970.
std::optional<double> boot_time() {
  const std::string stat = content_of("/proc/stat");
  constexpr std::string_view name = "\nbtime ";
  const auto at = stat.find(name);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t seconds = 0;
  std::from_chars(stat.data() + at + name.size(), stat.data() + stat.size(), seconds);
  return static_cast<double>(seconds);
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void add_process_metrics(Exposition& exposition) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    exposition.add(kCpu, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  const auto fields = stat_fields();
  if (const auto boot = boot_time(); boot && fields[kStartTime] > 0)
    exposition.add(kStart,
                   *boot + static_cast<double>(fields[kStartTime]) / static_cast<double>(::sysconf(_SC_CLK_TCK)));
  if (fields[kVirtualSize] > 0) {
    exposition.add(kVirtual, fields[kVirtualSize]);
    exposition.add(kResident, fields[kResidentPages] * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  }
  std::error_code error;
  const auto open = std::distance(std::filesystem::directory_iterator{"/proc/self/fd", error}, {});
  if (!error && open > 0) exposition.add(kOpen, static_cast<std::uint64_t>(open - 1));  // less the one that looked
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) exposition.add(kMostOpen, static_cast<std::uint64_t>(limit.rlim_cur));
}

}  // namespace stack::telemetry
