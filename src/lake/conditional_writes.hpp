// Whether a store keeps the promise that exactly-once rests on: a put-if-absent whose key is taken changes nothing and
// says so. Thread-safety: a free function.
// Failure: ErrorKind::storage for a store that does not, with what can be done; else the store's.
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

// The object that it is tried on, which stays.
inline constexpr std::string_view kConditionalWriteProbe = "_stack/probe/conditional-write";

// One request where the store has been asked before, else two or three.
[[nodiscard]] Result<void> check_conditional_writes(ObjectStore& store);

}  // namespace stack::lake
