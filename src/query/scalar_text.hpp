// Single values as text, in the form of DuckDB's CAST to VARCHAR. Thread-safety: free functions. Never fails.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace stack::query {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

void append_float(std::string& out, float value);
void append_double(std::string& out, double value);
void append_int128(std::string& out, Int128 value);
void append_uint128(std::string& out, Uint128 value);
// VALUE / 10^SCALE.
void append_decimal(std::string& out, Int128 value, unsigned scale);
void append_date(std::string& out, duckdb_date date);
void append_time(std::string& out, std::int64_t micros);
// "+02", "-03:30", "+01:02:03": an offset from UTC.
void append_offset(std::string& out, int seconds);
// A point in time since 1970 in units of which there are UNITS a second.
void append_timestamp(std::string& out, std::int64_t value, std::int64_t units);
void append_interval(std::string& out, const duckdb_interval& interval);
void append_uuid(std::string& out, const duckdb_hugeint& value);
void append_blob(std::string& out, std::string_view bytes);
void append_bits(std::string& out, std::string_view bytes);

}  // namespace stack::query
