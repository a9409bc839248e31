#include "catalog/projection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace stack::catalog {
namespace {

constexpr std::string_view kEnabled = "projection.enabled";

struct Granularity {
  std::string_view format;  // of dates; empty: whole numbers, as Trino knows no intervals of years
  std::size_t length;       // of a value
  std::string_view rest;    // that makes a date of it
};
constexpr std::array kGranularities = {
    Granularity{.format = "yyyy-MM-dd", .length = 10, .rest = ""},
    Granularity{.format = "yyyy-MM", .length = 7, .rest = "-01"},
    Granularity{.format = "", .length = 4, .rest = "-01-01"},
};

// What can be worked out of a table's partitions.
struct Pattern {
  const Granularity* granularity = nullptr;
  std::string folder;  // "dt=", as it is spelled
  std::string first;
  std::string last;
};

const Granularity* granularity_of(const std::string& value) {
  const auto found = std::ranges::find(kGranularities, value.size(), &Granularity::length);
  if (found == kGranularities.end() || !parse_date(value + std::string(found->rest))) return nullptr;
  return &*found;
}

std::optional<Pattern> pattern_of(const Table& table) {
  if (table.partition_keys.size() != 1 || table.partitions.empty()) return std::nullopt;
  Pattern pattern;
  for (const Partition& partition : table.partitions) {
    const std::string& value = partition.values.front();
    const Granularity* granularity = granularity_of(value);
    if (granularity == nullptr || !partition.path.ends_with(value)) return std::nullopt;
    std::string folder = partition.path.substr(0, partition.path.size() - value.size());
    if (pattern.granularity == nullptr) pattern = {granularity, folder, value, value};
    if (granularity != pattern.granularity || folder != pattern.folder) return std::nullopt;
    pattern.first = std::min(pattern.first, value);
    pattern.last = std::max(pattern.last, value);
  }
  return pattern;
}

}  // namespace

bool is_projected(const Table& table) {
  const auto enabled = table.parameters.find(std::string(kEnabled));
  return enabled != table.parameters.end() && enabled->second == "true";
}

bool can_be_projected(const Table& table) { return pattern_of(table).has_value(); }

void project(Table& table, const std::optional<Table>& before, Projection wish, Date today) {
  if (wish == Projection::off || (wish == Projection::as_it_was && !(before && is_projected(*before)))) return;
  const auto pattern = pattern_of(table);
  if (!pattern) return;
  const std::string& key = table.partition_keys.front();
  const auto of_key = [&](std::string_view name) { return fmt::format("projection.{}.{}", key, name); };
  const bool dates = !pattern->granularity->format.empty();
  const std::string now = format_date(today).substr(0, pattern->granularity->length);
  auto& parameters = table.parameters;
  parameters[std::string(kEnabled)] = "true";
  parameters[of_key("type")] = dates ? "date" : "integer";
  // An interval is not said: of dates by day and by month it is one day and one month by itself, and where it is said
  // Trino refuses months.
  if (dates) parameters[of_key("format")] = pattern->granularity->format;
  const std::string present = dates ? "NOW" : now;
  parameters[of_key("range")] = fmt::format("{},{}", pattern->first, pattern->last > now ? pattern->last : present);
  parameters["storage.location.template"] = fmt::format("{}/{}${{{}}}/", table.location, pattern->folder, key);
}

}  // namespace stack::catalog
