#include "market/feed_id.hpp"

#include <fmt/format.h>

#include "market/hash128.hpp"

namespace stack::market {

void FeedIdentity::add(std::string_view name, std::string_view value) {
  facts_ += fmt::format("{}:{}={}:{}\n", name.size(), name, value.size(), value);
}

std::string FeedIdentity::id() const {
  Hash128 hash;
  hash.add(facts_);
  return fmt::format("{:016x}", hash.value()[0]).substr(0, 10);
}

}  // namespace stack::market
