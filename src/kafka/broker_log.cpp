#include "kafka/broker_log.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>

namespace stack::kafka {
namespace {

// The last line of FILE that tells of a failure.
std::optional<std::string> last_failure(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::optional<std::string> found;
  for (std::string line; std::getline(stream, line);) {
    const bool stack_trace = line.starts_with("\tat ") || line.starts_with("\t...");
    const bool failure = line.find(" ERROR ") != std::string::npos || line.find(" FATAL ") != std::string::npos ||
                         line.find("Exception: ") != std::string::npos || line.find("Error: ") != std::string::npos ||
                         line.starts_with("Error");
    if (failure && !stack_trace) found = line;
  }
  return found;
}

std::optional<std::string> last_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::optional<std::string> found;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) found = line;
  }
  return found;
}

std::string_view advice(std::string_view reason) {
  if (reason.find("UnsupportedClassVersionError") != std::string_view::npos) {
    return "; this Java is too old: install Java 17 or later, or set JAVA_HOME";
  }
  if (reason.find("Address already in use") != std::string_view::npos) return "; choose another port with --port";
  if (reason.find("No space left") != std::string_view::npos) return "; free some space in the data folder";
  if (reason.find("Failed to acquire lock") != std::string_view::npos) {
    return "; another Kafka uses this folder: end it or choose another data folder";
  }
  return "";
}

struct PipeDeleter {
  void operator()(std::FILE* pipe) const { ::pclose(pipe); }
};

}  // namespace

std::string why_it_died(const BrokerFolder& folder) {
  for (const auto& file : {folder.output(), folder.log(), folder.fencing_log()}) {
    if (const auto line = last_failure(file)) return fmt::format("{}{} (log: {})", *line, advice(*line), file.native());
  }
  for (const auto& file : {folder.log(), folder.output()}) {
    if (const auto line = last_line(file)) return fmt::format("last words: {} (log: {})", *line, file.native());
  }
  return fmt::format("it said nothing; was it killed for want of memory? (log: {})", folder.log().native());
}

bool lost_its_port(const BrokerFolder& folder) {
  for (const auto& file : {folder.output(), folder.log(), folder.fencing_log()}) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
      if (line.find("Address already in use") != std::string::npos) return true;
    }
  }
  return false;
}

Result<void> forget_old_output(const BrokerFolder& folder) {
  std::error_code error;
  std::filesystem::remove(folder.output(), error);
  std::filesystem::remove(folder.fencing_log(), error);
  if (std::filesystem::exists(folder.log())) {
    std::filesystem::rename(folder.log(), folder.log().native() + ".old", error);
  }
  if (!error) return {};
  return fail(ErrorKind::storage, fmt::format("cannot write in the local broker's data folder {}: {}; choose another",
                                              folder.root.native(), error.message()));
}

std::string version_in(std::string_view text) {
  constexpr std::string_view before = "version \"";
  const auto begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  return std::string(text.substr(0, text.find('"')));
}

Result<std::string> java_version(const std::filesystem::path& java) {
  constexpr int oldest = 17;
  const auto command = fmt::format("'{}' -version 2>&1", java.native());
  const std::unique_ptr<std::FILE, PipeDeleter> pipe(::popen(command.c_str(), "re"));
  std::string output;
  std::array<char, 512> chunk{};
  while (pipe && std::fgets(chunk.data(), chunk.size(), pipe.get()) != nullptr) output += chunk.data();
  auto version = version_in(output);
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major >= oldest) return version;
  return fail(ErrorKind::unreachable,
              fmt::format("{} is {}; the local broker needs Java {} or later: install it or set JAVA_HOME",
                          java.native(), version.empty() ? "no Java that runs" : "Java " + version, oldest));
}

}  // namespace stack::kafka
