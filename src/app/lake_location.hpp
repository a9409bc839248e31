// Which lake a command works on. Thread-safety: as Settings.
// Failure: ErrorKind::usage for a place that is not supported or not known, ErrorKind::storage for one that cannot be
// opened.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "app/progress.hpp"
#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "lake/object_store.hpp"

namespace stack::app {

// The folder under which runs keep their lakes, one each: ./stack-lake/<feed id>.
inline constexpr std::string_view kLakesFolder = "stack-lake";

// --lake when given, else FALLBACK.
[[nodiscard]] Result<std::string> lake_uri(const Settings& settings, std::string fallback);
// --lake when given; else the only lake under ./stack-lake, or an error that lists them. For commands that change it.
[[nodiscard]] Result<std::string> existing_lake_uri(const Settings& settings);
// The same for commands that only read: of several lakes the one that was last opened to write, which PROGRESS tells.
[[nodiscard]] Result<std::string> lake_to_read(const Settings& settings, Progress& progress);

// --lake when given; else the only lake under ./stack-lake whose TABLE is of TOPIC, which PROGRESS tells where there
// are several; else as existing_lake_uri().
[[nodiscard]] Result<std::string> lake_of_topic(const Settings& settings, std::string_view table,
                                                std::string_view topic, Progress& progress);

enum class LakeUse { read, write };
// LakeUse::write makes a folder, marks it as the latest, and of an S3 store asks that it decides races by conditional
// writes, unless --single-writer says that there are none; LakeUse::read wants a folder to be there. CLOCK and STOP
// outlive the store. Once STOP is set, requests to S3 are given up: for commands that only read, or that begin anew
// what they leave half done. Null: requests come to their end.
[[nodiscard]] Result<std::unique_ptr<lake::ObjectStore>> open_lake(const Settings& settings, const std::string& uri,
                                                                   LakeUse use, const Clock& clock,
                                                                   const StopFlag* stop = nullptr);

// Says what --single-writer gives up, where it is given.
void warn_of_single_writer(const Settings& settings, const std::string& uri, Progress& progress);

}  // namespace stack::app
