// Which files of a table readers go by, where some have been merged into one. A merged file
//   <topic>+<partition>+<first>-<end>.c.<ext>
// holds every row of its partition and dt between its offsets, so it supersedes all other files of them that its
// offsets cover: its appearance is the switch, and names alone tell. Its inputs are removed soon after.
// Thread-safety: free functions. Failure: the store's; ErrorKind::conflict for a table whose files go on changing.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

// Takes the superseded files out of OBJECTS, which are of one table or more; their keys.
std::vector<std::string> take_superseded(std::vector<ObjectInfo>& objects);

// The files of TABLE's folder that readers go by. A listing is no snapshot: one during which inputs were removed is
// made again, since it may have missed the merged file and its inputs alike. SUPERSEDED, where given, takes the keys of
// the others.
[[nodiscard]] Result<std::vector<ObjectInfo>> live_files(ObjectStore& store, std::string_view table,
                                                         std::vector<std::string>* superseded = nullptr);

// Called after merged files stand and before their inputs go. UNIQUE differs from call to call.
[[nodiscard]] Result<void> announce_removal(ObjectStore& store, std::string_view table, std::string_view unique);

}  // namespace stack::lake
