#include "lake/posix_error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace stack::lake {
namespace {

std::string_view advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space or choose another --lake, then run again: it goes on where it stopped";
    case EROFS:
      return "; mount it writable or choose another --lake";
    case EACCES:
    case EPERM:
      return "; give this user write permission or choose another --lake";
    case ENOTDIR:
    case EISDIR:
      return "; something else is in the way there: move it or choose another --lake";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    case ENAMETOOLONG:
      return "; choose a shorter --lake, --table or --topic";
    default:
      return "";
  }
}

}  // namespace

std::unexpected<Error> storage_error(std::string_view doing, const std::filesystem::path& path, int error_number) {
  return fail(ErrorKind::storage, fmt::format("cannot {} {}: {}{}", doing, path.native(),
                                              std::generic_category().message(error_number), advice(error_number)));
}

std::unexpected<Error> cache_error(std::string_view doing, const std::filesystem::path& path, int error_number) {
  return fail(ErrorKind::storage,
              fmt::format("cannot {} {}: {}; copies of the lake's objects are kept there: make room, or set "
                          "XDG_CACHE_HOME to another folder",
                          doing, path.native(), std::generic_category().message(error_number)));
}

}  // namespace stack::lake
