#include "catalog/table.hpp"

namespace stack::catalog {

std::string location_of(const Table& table, const Partition& partition) {
  return table.location + "/" + partition.path;
}

const std::vector<std::pair<std::string, Type>>& tick_columns() {
  static const std::vector<std::pair<std::string, Type>> columns = {
      {"symbol", TypeKind::string}, {"session_date", TypeKind::date}, {"event_time", TypeKind::timestamp},
      {"seq", TypeKind::bigint},    {"price", TypeKind::real},        {"size", TypeKind::bigint}};
  return columns;
}

}  // namespace stack::catalog
