# DuckDB::duckdb: DuckDB with its C header <duckdb.h>; json, parquet and icu are built in.
# The pinned static libraries of the third-party cache, or with -DSTACK_SYSTEM_DUCKDB=ON the system's.
if(TARGET DuckDB::duckdb)
  return()
endif()
include(FindPackageHandleStandardArgs)

if(STACK_SYSTEM_DUCKDB)
  find_path(DuckDB_INCLUDE_DIR duckdb.h)
  find_library(DuckDB_LIBRARY duckdb)
  find_package_handle_standard_args(DuckDB REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR)
  if(DuckDB_FOUND)
    add_library(DuckDB::duckdb UNKNOWN IMPORTED GLOBAL)
    set_target_properties(DuckDB::duckdb PROPERTIES
      IMPORTED_LOCATION "${DuckDB_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}")
  endif()
  mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)
  return()
endif()

find_path(DuckDB_INCLUDE_DIR duckdb.h PATHS "${STACK_DUCKDB_ROOT}/include" NO_DEFAULT_PATH)
find_library(DuckDB_LIBRARY NAMES libduckdb_static.a PATHS "${STACK_DUCKDB_ROOT}/lib" NO_DEFAULT_PATH)
find_package_handle_standard_args(DuckDB REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run scripts/third-party, or use the system's with -DSTACK_SYSTEM_DUCKDB=ON")

if(DuckDB_FOUND)
  find_package(Threads REQUIRED)
  # The archives refer to one another in circles, so the linker goes over them as one group.
  file(GLOB duckdb_archives "${STACK_DUCKDB_ROOT}/lib/*.a")
  list(JOIN duckdb_archives "," duckdb_group)
  add_library(DuckDB::duckdb INTERFACE IMPORTED GLOBAL)
  set_target_properties(DuckDB::duckdb PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS DUCKDB_STATIC_BUILD
    INTERFACE_LINK_LIBRARIES "$<LINK_GROUP:RESCAN,${duckdb_group}>;Threads::Threads;m;dl")
endif()
mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)
