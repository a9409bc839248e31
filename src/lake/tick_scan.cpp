#include "lake/tick_scan.hpp"

#include <array>
#include <memory>

#include "lake/column.hpp"

namespace stack::lake {
namespace {

struct TableFunctionDeleter {
  void operator()(duckdb_table_function function) const { duckdb_destroy_table_function(&function); }
};
using TableFunction = std::unique_ptr<std::remove_pointer_t<duckdb_table_function>, TableFunctionDeleter>;

duckdb_type duckdb_type_of(ColumnType type) {
  constexpr std::array<duckdb_type, 7> types{DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BOOLEAN, DUCKDB_TYPE_BIGINT,
                                             DUCKDB_TYPE_DOUBLE,  DUCKDB_TYPE_DATE,    DUCKDB_TYPE_TIMESTAMP,
                                             DUCKDB_TYPE_VARCHAR};
  return types.at(static_cast<std::size_t>(type));
}

}  // namespace

Result<void> TickScan::register_in(const duckdb_embedded::Connection& connection) {
  const TableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), kName);
  duckdb_table_function_set_extra_info(function.get(), this, nullptr);
  duckdb_table_function_set_bind(function.get(), bind);
  duckdb_table_function_set_init(function.get(), begin);
  duckdb_table_function_set_function(function.get(), next);
  if (duckdb_register_table_function(connection.get(), function.get()) == DuckDBSuccess) return {};
  return fail(ErrorKind::internal, "DuckDB does not take the table function of ticks");
}

void TickScan::bind(duckdb_bind_info info) {
  const auto* scan = static_cast<const TickScan*>(duckdb_bind_get_extra_info(info));
  for (const Column& column : scan->rows_->quoted() ? quoted_tick_columns() : tick_columns()) {
    const duckdb_embedded::LogicalType type(duckdb_create_logical_type(duckdb_type_of(column.type)));
    duckdb_bind_add_result_column(info, column.name.c_str(), type.get());
  }
  duckdb_bind_set_cardinality(info, scan->rows_->size(), true);
}

void TickScan::begin(duckdb_init_info info) { static_cast<TickScan*>(duckdb_init_get_extra_info(info))->at_ = 0; }

void TickScan::next(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto* scan = static_cast<TickScan*>(duckdb_function_get_extra_info(info));
  scan->rows_->fill(chunk, scan->at_);
  scan->at_ += duckdb_data_chunk_get_size(chunk);
}

}  // namespace stack::lake
