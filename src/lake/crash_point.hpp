// Named steps of the commit protocol at which tests kill the process: STACK_CRASH_AT=<step>[:<n>] (see sink.hpp).
// Thread-safety: may be called from any thread. Without the variable it does nothing.
#pragma once

#include <string_view>

namespace stack::lake {

void crash_point(std::string_view step);

}  // namespace stack::lake
