# Where `scripts/third-party` leaves the pinned parts: one folder outside the repository, shared by all build folders.
# The versions and checksums are in third_party/.
if(DEFINED ENV{STACK_CACHE})
  set(stack_cache_default "$ENV{STACK_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(stack_cache_default "$ENV{XDG_CACHE_HOME}/stack")
else()
  set(stack_cache_default "$ENV{HOME}/.cache/stack")
endif()
set(STACK_CACHE_DIR "${stack_cache_default}" CACHE PATH "Folder of the pinned third-party parts")

# The versions are read from the one place that names them.
file(STRINGS "${CMAKE_SOURCE_DIR}/third_party/versions" stack_version_lines REGEX "^[A-Z_]+=")
file(STRINGS "${CMAKE_SOURCE_DIR}/third_party/test_versions" stack_test_version_lines REGEX "^[A-Z_]+=")
foreach(line IN LISTS stack_version_lines stack_test_version_lines)
  string(REGEX MATCH "^([A-Z_]+)=(.*)$" _ "${line}")
  set(STACK_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/third_party/versions"
             "${CMAKE_SOURCE_DIR}/third_party/test_versions")

set(STACK_RDKAFKA_ROOT "${STACK_CACHE_DIR}/librdkafka-${STACK_LIBRDKAFKA_VERSION}")
set(STACK_DUCKDB_ROOT "${STACK_CACHE_DIR}/duckdb-${STACK_DUCKDB_VERSION}")
set(STACK_AWS_CRT_ROOT "${STACK_CACHE_DIR}/aws-crt-${STACK_AWS_CRT_VERSION}")
# Apache Kafka's jars for the managed broker; the environment's STACK_KAFKA_JARS overrides it when the program runs.
if(NOT DEFINED STACK_KAFKA_JARS_DIR)
  set(STACK_KAFKA_JARS_DIR "${STACK_CACHE_DIR}/kafka-${STACK_KAFKA_VERSION}")
endif()
# The S3 server of the integration and robustness tests.
set(STACK_VERSITYGW "${STACK_CACHE_DIR}/versitygw-${STACK_VERSITYGW_VERSION}/versitygw")
set(STACK_SIGNING_VECTORS "${STACK_CACHE_DIR}/signing-vectors-${STACK_SIGNING_VECTORS_VERSION}")
# Python with the independent readers that the integration and robustness tests use.
if(NOT DEFINED STACK_TEST_PYTHON)
  set(STACK_TEST_PYTHON "${STACK_CACHE_DIR}/python/bin/python3")
endif()
