// What STACK knows of a table and AWS Glue has no field for, as compact JSON in the table's parameter "stack.table".
// Thread-safety: free functions. Never fails: what cannot be read is as if it were not there.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "catalog/glue_json.hpp"
#include "catalog/table.hpp"

namespace stack::catalog {

inline constexpr std::string_view kOwnParameter = "stack.table";

// Whether Glue has a place for it, if it has none of the same values yet.
[[nodiscard]] bool is_held_by_glue(const Partition& partition);
// What a column of a table of FORMAT is taken for that nothing more is said of.
[[nodiscard]] Column plain_column(std::string name, Type type, TableFormat format);

// FINGERPRINT: as of glue_table(). What most tables have nothing of is left out.
[[nodiscard]] std::string own_json(const Table& table, std::string_view fingerprint);
// Puts into TABLE, which holds what Glue's own fields say, what STACK kept; false where it kept nothing.
[[nodiscard]] bool take_own(Table& table, const GlueTable& entry);
// Names of parameters of ENTRY that STACK has put there, beside the counts.
[[nodiscard]] std::set<std::string, std::less<>> own_parameters(const GlueTable& entry);

// Whether STACK wrote it.
[[nodiscard]] bool is_ours(const GlueTable& entry);
[[nodiscard]] bool is_whole(const GlueTable& entry);
// Of an entry of ours; empty where it is not whole.
[[nodiscard]] std::string fingerprint_of(const GlueTable& entry);

}  // namespace stack::catalog
