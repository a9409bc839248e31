// Which engine a command works by. --engine is an option of several commands that know different engines, and the
// environment and the files speak to all of them: a value there that is another command's is passed over.
// Thread-safety: as Settings. Failure: ErrorKind::usage naming option, value and origin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings.hpp"
#include "core/result.hpp"

namespace stack::app {

// OWN: the engines of this command, its default first. OTHERS: those of other commands.
[[nodiscard]] Result<std::string> engine_choice(const Settings& settings, const std::vector<std::string_view>& own,
                                                const std::vector<std::string_view>& others);

inline const std::vector<std::string_view> kCrawlEngines = {"stack", "glue"};
inline const std::vector<std::string_view> kQueryEngines = {"duckdb", "athena"};

}  // namespace stack::app
