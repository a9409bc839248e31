#include "lake/upload_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/unique_fd.hpp"
#include "lake/posix_error.hpp"

namespace stack::lake {

Result<void> append_file(Upload& upload, const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return storage_error("read", path, errno);
  std::string buffer(1U << 20, '\0');
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return storage_error("read", path, errno);
    if (n == 0) return {};
    STACK_TRY(upload.append(std::string_view(buffer).substr(0, static_cast<std::size_t>(n))));
  }
}

}  // namespace stack::lake
