// One call of a store for each of many keys: several at once where the store is elsewhere and its answers are waited
// for. Thread-safety: CALL is called from several threads at once. Failure: CALL's, of the first key that fails.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/parallel.hpp"
#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::lake {

// What CALL(KEY), a Result, gives for each of KEYS, in their order.
template <class Call>
auto for_each_key(const ObjectStore& store, std::span<const std::string> keys, const Call& call)
    -> Result<std::vector<typename std::invoke_result_t<Call, const std::string&>::value_type>> {
  using Answer = std::invoke_result_t<Call, const std::string&>;
  constexpr std::size_t kAtOnce = 16;
  const bool here = keys.empty() || store.local_path(keys.front()).has_value();
  std::vector<std::optional<Answer>> answers(keys.size());
  for_each_index(
      keys.size(), [&](std::size_t i) { answers[i] = call(keys[i]); }, here ? 1 : kAtOnce);
  std::vector<typename Answer::value_type> values;
  values.reserve(keys.size());
  for (std::optional<Answer>& answer : answers) {
    if (!*answer) return std::unexpected(std::move(*answer).error());
    values.push_back(**std::move(answer));
  }
  return values;
}

}  // namespace stack::lake
