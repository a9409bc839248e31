#include "lake/merged_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <tuple>

#include "lake/lake_layout.hpp"

namespace stack::lake {
namespace {

constexpr std::chrono::seconds kMostPatience{60};
constexpr std::chrono::milliseconds kBetweenListings{50};

std::string removal_key(std::string_view table) { return fmt::format("{}removal", compactions_prefix(table)); }

std::string_view folder_of(std::string_view key) { return key.substr(0, key.rfind('/') + 1); }

struct Extent {
  std::int64_t first = 0;
  std::int64_t end = 0;
  [[nodiscard]] bool covers(std::int64_t other_first, std::int64_t other_end) const {
    const bool same = other_first == first && other_end == end;
    return !same && other_first >= first && other_end <= end;
  }
};

// A file of one range says only where it begins: it is covered by a merged file that begins there or before, and ends
// behind.
bool is_covered(const FileName& name, const std::vector<Extent>& merged) {
  return std::ranges::any_of(merged, [&](const Extent& extent) {
    if (name.end) return extent.covers(name.first, *name.end);
    return name.first >= extent.first && name.first < extent.end;
  });
}

}  // namespace

std::vector<std::string> take_superseded(std::vector<ObjectInfo>& objects) {
  std::map<std::tuple<std::string, std::string, std::int32_t>, std::vector<Extent>> merged;
  const auto place_of = [](const ObjectInfo& object, const FileName& name) {
    return std::tuple{std::string(folder_of(object.key)), name.topic, name.partition};
  };
  for (const ObjectInfo& object : objects) {
    const auto name = parse_file_key(object.key);
    if (name && name->end) merged[place_of(object, *name)].push_back({name->first, *name->end});
  }
  std::vector<std::string> superseded;
  if (merged.empty()) return superseded;
  std::erase_if(objects, [&](const ObjectInfo& object) {
    const auto name = parse_file_key(object.key);
    if (!name) return false;
    const auto extents = merged.find(place_of(object, *name));
    if (extents == merged.end() || !is_covered(*name, extents->second)) return false;
    superseded.push_back(object.key);
    return true;
  });
  return superseded;
}

Result<std::vector<ObjectInfo>> live_files(ObjectStore& store, std::string_view table,
                                           std::vector<std::string>* superseded) {
  const auto patient_until = std::chrono::steady_clock::now() + kMostPatience;
  while (true) {
    STACK_TRY_ASSIGN(before, store.get(removal_key(table)));
    STACK_TRY_ASSIGN(objects, store.list(data_prefix(table)));
    STACK_TRY_ASSIGN(after, store.get(removal_key(table)));
    if (before != after) {
      if (std::chrono::steady_clock::now() > patient_until)
        return fail(ErrorKind::conflict,
                    fmt::format("{}: a compaction removes files of the table {} faster than they can "
                                "be listed; ask again when it is done",
                                store.uri(), table));
      std::this_thread::sleep_for(kBetweenListings);
      continue;
    }
    auto others = take_superseded(objects);
    if (superseded != nullptr) *superseded = std::move(others);
    return objects;
  }
}

Result<void> announce_removal(ObjectStore& store, std::string_view table, std::string_view unique) {
  return store.put(removal_key(table), unique);
}

}  // namespace stack::lake
