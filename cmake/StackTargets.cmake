# How targets of this project are made.

# Language, warnings and include root of a target of ours.
function(stack_target target)
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                           $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast> -Werror -ffunction-sections)
  if(STACK_SANITIZE STREQUAL "thread")
    # Boost.Asio orders by fences, beside atomics that ThreadSanitizer sees.
    target_compile_options(${target} PRIVATE -Wno-tsan)
  endif()
endfunction()

# stack_test(NAME name LABEL unit|integration|robustness SOURCES ... LIBS ... [TIMEOUT seconds] [ARGS ...])
# One GoogleTest program, registered as one test of CTest: its cases share what is dear to start, such as a broker.
function(stack_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;LABEL;TIMEOUT" "SOURCES;LIBS;ARGS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  stack_target(${arg_NAME})
  if(STACK_SANITIZE STREQUAL "thread")
    target_sources(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/c11_threads_under_tsan.c")
  endif()
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBS} GTest::gmock_main rapidcheck)
  if(NOT TARGET ${arg_LABEL}_tests)
    add_custom_target(${arg_LABEL}_tests)  # `ninja unit_tests` builds the tests of one tier
  endif()
  add_dependencies(${arg_LABEL}_tests ${arg_NAME})
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} ${arg_ARGS})
  stack_test_properties(${arg_NAME} "${arg_LABEL}" "${arg_TIMEOUT}")
endfunction()

# stack_python_test(NAME name LABEL label SCRIPT file [ARGS ...] [TIMEOUT seconds])
# A Python script that drives the built program from outside; it leaves JUnit's XML at $GTEST_OUTPUT as the others do.
function(stack_python_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;LABEL;TIMEOUT;SCRIPT" "ARGS")
  add_test(NAME ${arg_NAME} COMMAND "${STACK_TEST_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT}" ${arg_ARGS})
  stack_test_properties(${arg_NAME} "${arg_LABEL}" "${arg_TIMEOUT}")
endfunction()

function(stack_test_properties name label timeout)
  if(NOT timeout)
    if(label STREQUAL "unit" AND STACK_SANITIZE)
      set(timeout 600)  # several times as slow
    elseif(label STREQUAL "unit")
      set(timeout 120)
    else()
      set(timeout 600)
    endif()
  endif()
  set(environment
      "STACK_PROGRAM=${PROJECT_BINARY_DIR}/stack"
      "STACK_TEST_PYTHON=${STACK_TEST_PYTHON}"
      "STACK_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
      "GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-results/${name}.xml")
  set_tests_properties(${name} PROPERTIES LABELS "${label}" TIMEOUT ${timeout} ENVIRONMENT "${environment}")
  if(NOT label STREQUAL "unit")
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

# Adds tests/<tier>/CMakeLists.txt and tests/<tier>/*/CMakeLists.txt where they exist.
function(stack_add_test_folders)
  foreach(tier IN LISTS ARGN)
    file(GLOB lists CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${tier}/CMakeLists.txt"
         "${PROJECT_SOURCE_DIR}/tests/${tier}/*/CMakeLists.txt")
    foreach(list IN LISTS lists)
      cmake_path(GET list PARENT_PATH folder)
      cmake_path(RELATIVE_PATH folder BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE relative)
      add_subdirectory("${folder}" "${PROJECT_BINARY_DIR}/${relative}")
    endforeach()
  endforeach()
endfunction()

# stack_bench(NAME name SOURCES ... LIBS ...): a Google Benchmark program, built but not run by the tests.
function(stack_bench)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LIBS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  stack_target(${arg_NAME})
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBS} benchmark::benchmark_main)
endfunction()
