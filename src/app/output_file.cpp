#include "app/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace stack::app {

OutputFile::~OutputFile() {
  if (!partial_.empty()) ::unlink(partial_.c_str());
}

Result<OutputFile> OutputFile::open(const std::string& named) {
  if (named.empty() || named == "-") return OutputFile{UniqueFd{}, STDOUT_FILENO, "standard output", {}};
  std::error_code ignored;  // behind a symbolic link, what it points to is written
  const bool linked = std::filesystem::is_symlink(named, ignored) && std::filesystem::exists(named, ignored);
  const std::string path = linked ? std::filesystem::canonical(named, ignored).native() : named;
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) return open_as_it_is(path);
  const std::string partial = fmt::format("{}.{}.partial", path, ::getpid());
  UniqueFd fd{::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (!fd)
    return fail(ErrorKind::storage,
                fmt::format("{}: cannot be written ({}); choose another place with -o", path, std::strerror(errno)));
  const int raw = fd.get();
  return OutputFile{std::move(fd), raw, path, partial};
}

Result<OutputFile> OutputFile::open_as_it_is(const std::string& path) {
  UniqueFd fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!fd)
    return fail(ErrorKind::storage,
                fmt::format("{}: cannot be written ({}); choose another place with -o", path, std::strerror(errno)));
  const int raw = fd.get();
  return OutputFile{std::move(fd), raw, path, {}};
}

Result<bool> OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE && partial_.empty()) return false;
    if (written < 0)
      return fail(ErrorKind::storage,
                  fmt::format("{}: cannot be written ({}); check the disk's space", path_, std::strerror(errno)));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> OutputFile::finish() {
  if (partial_.empty()) return {};
  if (::fsync(fd_) != 0 || ::rename(partial_.c_str(), path_.c_str()) != 0)
    return fail(ErrorKind::storage, fmt::format("{}: cannot be completed ({})", path_, std::strerror(errno)));
  partial_.clear();
  return {};
}

}  // namespace stack::app
