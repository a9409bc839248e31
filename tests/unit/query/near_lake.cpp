#include "small_lake.hpp"

namespace stack::query {

const bool kLakeIsDistant = false;

}  // namespace stack::query
