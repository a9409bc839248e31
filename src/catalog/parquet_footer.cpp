#include "catalog/parquet_footer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/unique_fd.hpp"
#include "lake/posix_error.hpp"

namespace stack::catalog {
namespace {

// Most footers are shorter, so that one request does.
constexpr std::uint64_t kFirstGuess = 64ULL << 10;
// Length of the footer, little endian, and "PAR1".
constexpr std::uint64_t kTrailer = 8;

Result<std::string> last_bytes(lake::ObjectStore& store, const DataFile& file, std::uint64_t wanted) {
  const std::uint64_t length = std::min(wanted, file.size);
  STACK_TRY_ASSIGN(bytes, store.get_range(file.key, file.size - length, length));
  if (bytes && bytes->size() == length) return *std::move(bytes);
  return fail(ErrorKind::storage, fmt::format("{}/{} is gone, or has changed: crawl again", store.uri(), file.key));
}

std::uint64_t footer_length(std::string_view end) {
  if (end.size() < kTrailer || !end.ends_with("PAR1")) return 0;
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < 4; ++i)
    length |= std::uint64_t{static_cast<unsigned char>(end[end.size() - kTrailer + i])} << (8 * i);
  return length;
}

}  // namespace

Result<void> fetch_footer(lake::ObjectStore& store, const DataFile& file, const std::filesystem::path& path) {
  std::string end;
  if (file.size > 0) {
    STACK_TRY_ASSIGN(bytes, last_bytes(store, file, kFirstGuess));
    end = std::move(bytes);
    const std::uint64_t whole = footer_length(end) + kTrailer;
    if (whole > end.size() && whole <= file.size) {
      STACK_TRY_ASSIGN(longer, last_bytes(store, file, whole));
      end = std::move(longer);
    }
  }
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(file.size)) != 0)
    return lake::storage_error("create", path, errno);
  // To a regular file: whole, or an error.
  const auto written = ::pwrite(fd.get(), end.data(), end.size(), static_cast<off_t>(file.size - end.size()));
  if (written != static_cast<ssize_t>(end.size()))
    return lake::storage_error("write", path, written < 0 ? errno : ENOSPC);
  return {};
}

}  // namespace stack::catalog
