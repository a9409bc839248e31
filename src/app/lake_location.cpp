#include "app/lake_location.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "app/s3_lake.hpp"
#include "lake/conditional_writes.hpp"
#include "lake/folder_store.hpp"
#include "lake/lake_layout.hpp"

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

// By the time of its own folder, which is set whenever the lake is opened to write.
fs::file_time_type last_opened(const std::string& lake) {
  std::error_code gone;
  const auto time = fs::last_write_time(fs::path{lake} / "_stack", gone);
  return gone ? fs::file_time_type::min() : time;
}

void mark_as_latest(const std::string& lake) {
  std::error_code not_there_yet;  // a lake that is just being made is the latest as it is
  fs::last_write_time(fs::path{lake} / "_stack", fs::file_time_type::clock::now(), not_there_yet);
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

Result<std::string> lake_to_read(const Settings& settings, Progress& progress) {
  STACK_TRY_ASSIGN(named, lake_uri(settings, {}));
  const auto lakes = lakes_here();
  if (!named.empty() || lakes.size() < 2) return existing_lake_uri(settings);
  const auto& latest = *std::ranges::max_element(lakes, {}, last_opened);
  progress.say(
      fmt::format("lake {}, the latest of {} under ./{} (--lake chooses another)", latest, lakes.size(), kLakesFolder));
  return latest;
}

Result<std::string> lake_of_topic(const Settings& settings, std::string_view table, std::string_view topic,
                                  Progress& progress) {
  STACK_TRY_ASSIGN(named, lake_uri(settings, {}));
  if (!named.empty()) return named;
  auto lakes = lakes_here();
  const auto all = lakes.size();
  std::erase_if(lakes, [&](const std::string& each) {
    std::error_code none;
    return !fs::is_directory(fs::path{each} / lake::claims_prefix(table) / topic, none);
  });
  if (lakes.size() != 1) return existing_lake_uri(settings);
  if (all > 1) progress.say(fmt::format("lake {}, which is of the topic {}", lakes.front(), topic));
  return lakes.front();
}

Result<std::unique_ptr<lake::ObjectStore>> open_lake(const Settings& settings, const std::string& uri, LakeUse use,
                                                     const Clock& clock, const StopFlag* stop) {
  if (uri.starts_with("s3://")) {
    STACK_TRY_ASSIGN(store, open_s3_lake(settings, uri, clock, stop));
    if (use == LakeUse::write && !settings.flag("single-writer")) STACK_TRY(lake::check_conditional_writes(*store));
    return store;
  }
  if (settings.flag("single-writer"))
    return fail(ErrorKind::usage, fmt::format("--single-writer is for stores that speak S3, and {} is a folder", uri));
  const auto if_missing =
      use == LakeUse::write ? lake::FolderStore::IfMissing::create : lake::FolderStore::IfMissing::refuse;
  STACK_TRY_ASSIGN(store, lake::FolderStore::open(uri, if_missing));
  if (use == LakeUse::write) mark_as_latest(uri);
  return store;
}

void warn_of_single_writer(const Settings& settings, const std::string& uri, Progress& progress) {
  if (settings.flag("single-writer"))
    progress.warn(
        fmt::format("--single-writer: {} is written without conditional writes; a second sink, or an earlier "
                    "one that was only paused, would lose or duplicate records unseen",
                    uri));
}

}  // namespace stack::app
