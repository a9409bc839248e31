// TickRows as a table function of DuckDB, so that SQL reads them without a copy.
// Thread-safety: one thread at a time, as its connection. Failure: ErrorKind::internal when DuckDB does not take it.
#pragma once

#include "core/result.hpp"
#include "duckdb/database.hpp"
#include "lake/tick_rows.hpp"

namespace stack::lake {

class TickScan {
 public:
  static constexpr const char* kName = "stack_ticks";

  // Makes "FROM stack_ticks()" known to CONNECTION, which this must outlive at the same address.
  [[nodiscard]] Result<void> register_in(const duckdb_embedded::Connection& connection);
  // What the next query sees. ROWS must live until it is done.
  void show(const TickRows& rows) { rows_ = &rows; }

 private:
  static void bind(duckdb_bind_info info);
  static void begin(duckdb_init_info info);
  static void next(duckdb_function_info info, duckdb_data_chunk chunk);

  const TickRows* rows_ = nullptr;
  std::size_t at_ = 0;
};

}  // namespace stack::lake
