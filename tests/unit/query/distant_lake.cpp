#include "small_lake.hpp"

namespace stack::query {

const bool kLakeIsDistant = true;

}  // namespace stack::query
