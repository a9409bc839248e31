#include "app/lake_location.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "app/s3_lake.hpp"
#include "lake/folder_store.hpp"

namespace stack::app {
namespace fs = std::filesystem;

namespace {

std::vector<std::string> lakes_here() {
  std::vector<std::string> lakes;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{fs::path{kLakesFolder}, ignored})
    if (entry.is_directory() && fs::is_directory(entry.path() / "_stack")) lakes.push_back(entry.path().string());
  std::ranges::sort(lakes);
  return lakes;
}

Result<std::string> supported(std::string uri) {
  if (uri.empty()) return fail(ErrorKind::usage, "--lake: an empty name is no folder");
  if (uri.starts_with("file://")) uri.erase(0, 7);
  if (uri.find("://") != std::string::npos && !uri.starts_with("s3://"))
    return fail(ErrorKind::usage, fmt::format("--lake: {} is neither a folder nor s3://BUCKET[/PREFIX]", uri));
  return uri;
}

}  // namespace

Result<std::string> lake_uri(const Settings& settings, std::string fallback) {
  if (settings.given("lake")) return supported(settings.text("lake"));
  if (const char* bucket = std::getenv("S3_BUCKET_NAME"); bucket != nullptr && *bucket != '\0')
    return supported(fmt::format("s3://{}", bucket));
  return fallback;
}

Result<std::string> existing_lake_uri(const Settings& settings) {
  STACK_TRY_ASSIGN(named, lake_uri(settings, {}));
  if (!named.empty()) return named;
  const auto lakes = lakes_here();
  if (lakes.size() == 1) return lakes.front();
  if (lakes.empty())
    return fail(ErrorKind::usage,
                "name the lake with --lake FOLDER (there is none under ./stack-lake; `stack run` makes one)");
  return fail(ErrorKind::usage,
              fmt::format("several lakes are here, choose one with --lake: {}", fmt::join(lakes, ", ")));
}

Result<std::unique_ptr<lake::ObjectStore>> open_lake(const Settings& settings, const std::string& uri, LakeUse use,
                                                     const Clock& clock) {
  if (uri.starts_with("s3://")) return open_s3_lake(settings, uri, clock);
  const auto if_missing =
      use == LakeUse::write ? lake::FolderStore::IfMissing::create : lake::FolderStore::IfMissing::refuse;
  STACK_TRY_ASSIGN(store, lake::FolderStore::open(uri, if_missing));
  return store;
}

}  // namespace stack::app
