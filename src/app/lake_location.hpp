// Which lake a command works on. Thread-safety: as Settings.
// Failure: ErrorKind::usage for a place that is not supported or not known, ErrorKind::storage for one that cannot be
// opened.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/settings.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "lake/object_store.hpp"

namespace stack::app {

// The folder under which runs keep their lakes, one each: ./stack-lake/<feed id>.
inline constexpr std::string_view kLakesFolder = "stack-lake";

// --lake when given, else FALLBACK.
[[nodiscard]] Result<std::string> lake_uri(const Settings& settings, std::string fallback);
// --lake when given; else the only lake under ./stack-lake, or an error that lists them. For commands that read.
[[nodiscard]] Result<std::string> existing_lake_uri(const Settings& settings);

enum class LakeUse { read, write };
// LakeUse::write makes a folder; LakeUse::read wants it to be there. CLOCK outlives the store.
[[nodiscard]] Result<std::unique_ptr<lake::ObjectStore>> open_lake(const Settings& settings, const std::string& uri,
                                                                   LakeUse use, const Clock& clock);

}  // namespace stack::app
