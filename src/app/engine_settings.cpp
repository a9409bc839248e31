#include "app/engine_settings.hpp"

#include <cstdlib>
#include <filesystem>

#include "app/s3_lake.hpp"

namespace stack::app {
namespace fs = std::filesystem;

namespace {

// By the XDG Base Directory Specification, which wants an absolute path.
Result<fs::path> cache_folder() {
  if (const char* named = std::getenv("XDG_CACHE_HOME"); named != nullptr && fs::path{named}.is_absolute())
    return fs::path{named} / "stack";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return fs::path{home} / ".cache" / "stack";
  return fail(ErrorKind::usage,
              "there is no folder for copies of the lake's objects: set HOME, or XDG_CACHE_HOME to a folder's whole "
              "path");
}

}  // namespace

Result<query::DuckdbEngineOptions> engine_options(const Settings& settings, const std::string& uri) {
  query::DuckdbEngineOptions options{.database = settings.text("database")};
  STACK_TRY_ASSIGN(size, settings.bytes("cache-size"));
  if (!uri.starts_with("s3://")) return options;
  STACK_TRY_ASSIGN(folder, cache_folder());
  STACK_TRY_ASSIGN(endpoint, s3_endpoint(settings));
  options.cache = {.root = folder / "objects", .endpoint = std::move(endpoint), .bytes = *size};
  return options;
}

}  // namespace stack::app
