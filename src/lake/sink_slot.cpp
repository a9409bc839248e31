#include "lake/sink_slot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "lake/scratch_folder.hpp"

namespace stack::lake {
namespace {

namespace fs = std::filesystem;
constexpr int kMostSlots = 256;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "host";
  std::string clean = name.data();
  for (char& c : clean) {
    const bool legal =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!legal) c = '_';
  }
  return clean.substr(0, 64);
}

}  // namespace

SinkSlot SinkSlot::take(std::string_view group, std::string_view named) {
  if (!named.empty()) return {fmt::format("{}-{}", group, named), UniqueFd{}};
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error) / fmt::format("stack-slots-{}", ::getuid());
  if (!error) fs::create_directories(folder, error);
  for (int slot = 0; !error && slot < kMostSlots; ++slot) {
    const fs::path path = folder / fmt::format("{}.{}", group, slot);
    UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) break;
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
      return {fmt::format("{}-{}-{}", group, host_name(), slot), std::move(lock)};
    }
  }
  return {fmt::format("{}-{}-{}", group, host_name(), process_unique_name()), UniqueFd{}};
}

}  // namespace stack::lake
