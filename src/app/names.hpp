// The names that a command was given, checked before it does any work: they become folders, keys and parts of SQL.
// Thread-safety: as Settings. Failure: ErrorKind::usage naming option, value and origin.
#pragma once

#include "app/settings.hpp"
#include "core/result.hpp"

namespace stack::app {

[[nodiscard]] Result<void> check_database(const Settings& settings);
[[nodiscard]] Result<void> check_topic(const Settings& settings);
[[nodiscard]] Result<void> check_table(const Settings& settings);
// As check_table, for a command that writes events into the table: not one of the tables that a run keeps beside its
// ticks.
[[nodiscard]] Result<void> check_table_to_write(const Settings& settings);

}  // namespace stack::app
