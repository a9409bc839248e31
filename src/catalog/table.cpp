#include "catalog/table.hpp"

#include <set>

namespace stack::catalog {

std::string location_of(const Table& table, const Partition& partition) {
  return table.location + "/" + partition.path;
}

std::vector<const Partition*> repeated_partitions(const Table& table) {
  std::set<std::vector<std::string>> seen;
  std::vector<const Partition*> repeated;
  for (const Partition& partition : table.partitions) {
    if (!seen.insert(partition.values).second) repeated.push_back(&partition);
  }
  return repeated;
}

const std::vector<std::pair<std::string, Type>>& tick_columns() {
  static const std::vector<std::pair<std::string, Type>> columns = {
      {"symbol", TypeKind::string}, {"session_date", TypeKind::date}, {"event_time", TypeKind::timestamp},
      {"seq", TypeKind::bigint},    {"price", TypeKind::real},        {"size", TypeKind::bigint}};
  return columns;
}

const std::vector<std::pair<std::string, Type>>& quote_columns() {
  static const std::vector<std::pair<std::string, Type>> columns = {{"bid", TypeKind::real}, {"ask", TypeKind::real}};
  return columns;
}

}  // namespace stack::catalog
