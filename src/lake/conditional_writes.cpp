#include "lake/conditional_writes.hpp"

#include <fmt/format.h>

namespace stack::lake {
namespace {

constexpr std::string_view kText = "Tells whether this store refuses to write an object that is there already.\n";

std::unexpected<Error> no_conditional_writes(const ObjectStore& store, std::string_view found) {
  return fail(ErrorKind::storage,
              fmt::format("{}: the store {}, so two sinks could both believe that they own a range: use a store with "
                          "conditional writes (If-None-Match: *), or say --single-writer if no other sink will ever "
                          "write to this lake at the same time",
                          store.uri(), found));
}

}  // namespace

Result<void> check_conditional_writes(ObjectStore& store) {
  auto first = store.put_if_absent(kConditionalWriteProbe, kText);
  if (!first) {
    // A store may also refuse the header: then it takes the same bytes without it.
    if (first.error().kind == ErrorKind::storage && store.put(kConditionalWriteProbe, kText))
      return no_conditional_writes(store, "refuses conditional writes");
    return std::unexpected(std::move(first).error());
  }
  if (*first == PutOutcome::exists) return {};
  STACK_TRY_ASSIGN(second, store.put_if_absent(kConditionalWriteProbe, kText));
  if (second == PutOutcome::exists) return {};
  return no_conditional_writes(store, "takes conditional writes and ignores their condition");
}

}  // namespace stack::lake
