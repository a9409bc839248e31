#include "lake/expiry.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <vector>

#include "lake/lake_layout.hpp"

namespace stack::lake {
namespace {

std::string markers_prefix(std::string_view table) { return fmt::format("_stack/expired/{}/", table); }

std::optional<int> whole(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && end == digits.data() + digits.size() ? std::optional{number} : std::nullopt;
}

// Those of compactions in DT of any partition of any topic.
Result<void> remove_records(ObjectStore& store, std::string_view table, std::string_view dt) {
  STACK_TRY_ASSIGN(records, store.list(compactions_prefix(table)));
  const std::string folder = fmt::format("/{}/", dt);
  for (const ObjectInfo& record : records) {
    const std::string_view its_folder = std::string_view(record.key).substr(0, record.key.rfind('/') + 1);
    if (its_folder.ends_with(folder)) STACK_TRY(store.remove(record.key));
  }
  return {};
}

}  // namespace

Result<std::set<std::string>> expired_partitions(ObjectStore& store, std::string_view table) {
  STACK_TRY_ASSIGN(markers, store.list(markers_prefix(table)));
  std::set<std::string> expired;
  for (const ObjectInfo& marker : markers) expired.insert(marker.key.substr(markers_prefix(table).size()));
  return expired;
}

std::string expiry_key(std::string_view table, std::string_view dt) { return markers_prefix(table) + std::string(dt); }

std::optional<Date> end_of_partition(std::string_view dt) {
  using std::chrono::January;
  if (dt.size() == 10) {
    const auto day = parse_date(dt);
    return day ? std::optional{*day + std::chrono::days{1}} : std::nullopt;
  }
  const auto year = whole(dt.substr(0, 4));
  if (!year || (dt.size() != 4 && dt.size() != 7)) return std::nullopt;
  if (dt.size() == 4) return Date{std::chrono::year{*year + 1} / January / 1};
  const auto month = whole(dt.substr(5));
  if (dt[4] != '-' || !month || *month < 1 || *month > 12) return std::nullopt;
  const auto next =
      std::chrono::year{*year} / std::chrono::month{static_cast<unsigned>(*month)} + std::chrono::months{1};
  return Date{next / 1};
}

Result<ExpiredFiles> expire_partitions(ObjectStore& store, std::string_view table, std::chrono::days age, Micros now,
                                       bool dry_run) {
  STACK_TRY_ASSIGN(objects, store.list(data_prefix(table)));
  std::map<std::string, std::vector<ObjectInfo>> past;
  const Date oldest_kept = std::chrono::floor<std::chrono::days>(now) - age;
  for (ObjectInfo& object : objects) {
    const auto name = parse_file_key(object.key);
    const auto end = name ? end_of_partition(name->dt) : std::nullopt;
    if (end && *end <= oldest_kept) past[name->dt].push_back(std::move(object));
  }
  ExpiredFiles expired;
  for (const auto& [dt, files] : past) {
    ++expired.partitions;
    expired.files += files.size();
    for (const ObjectInfo& file : files) expired.bytes += file.size;
    if (dry_run) continue;
    STACK_TRY(store.put(expiry_key(table, dt), fmt::format("{{\"expired\":\"{}\"}}\n", format_micros(now))));
    for (const ObjectInfo& file : files) STACK_TRY(store.remove(file.key));
    STACK_TRY(remove_records(store, table, dt));
  }
  return expired;
}

}  // namespace stack::lake
