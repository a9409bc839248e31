# RdKafka::rdkafka: librdkafka with its C headers as <librdkafka/rdkafka.h> and <librdkafka/rdkafka_mock.h>.
# The pinned static library of the third-party cache, or with -DSTACK_SYSTEM_RDKAFKA=ON the system's
# (vcpkg's and upstream's CMake package, else pkg-config).
if(TARGET RdKafka::rdkafka)
  return()
endif()

if(STACK_SYSTEM_RDKAFKA)
  find_package(RdKafka CONFIG QUIET)
  if(TARGET RdKafka::rdkafka)
    set(RdKafka_FOUND TRUE)
  else()
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(RdKafka REQUIRED IMPORTED_TARGET GLOBAL rdkafka>=2.6.1)  # before 2.6.1 SCRAM is broken
    add_library(RdKafka::rdkafka ALIAS PkgConfig::RdKafka)
  endif()
  return()
endif()

find_path(RdKafka_INCLUDE_DIR librdkafka/rdkafka.h PATHS "${STACK_RDKAFKA_ROOT}/include" NO_DEFAULT_PATH)
find_library(RdKafka_LIBRARY NAMES librdkafka.a PATHS "${STACK_RDKAFKA_ROOT}/lib" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka REQUIRED_VARS RdKafka_LIBRARY RdKafka_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run scripts/third-party, or use the system's with -DSTACK_SYSTEM_RDKAFKA=ON")

if(RdKafka_FOUND)
  find_package(Threads REQUIRED)
  add_library(RdKafka::rdkafka STATIC IMPORTED GLOBAL)
  set_target_properties(RdKafka::rdkafka PROPERTIES
    IMPORTED_LOCATION "${RdKafka_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RdKafka_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS LIBRDKAFKA_STATICLIB
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m;dl;rt")  # OpenSSL, zlib, zstd and curl are inside
endif()
mark_as_advanced(RdKafka_INCLUDE_DIR RdKafka_LIBRARY)
