# How targets of this project are made.

# Most of the time that a file takes to compile goes into headers that nearly all files have in common: they are parsed
# once, for the program (stack_headers) and for the tests (stack_test_headers). Builds for sanitizers and clang-tidy take
# each file as it stands, so that it includes what it uses.
if(STACK_SANITIZE)
  set(precompile_default OFF)
else()
  set(precompile_default ON)
endif()
option(STACK_PRECOMPILE_HEADERS "Parse the headers that most files share once" ${precompile_default})

# Language, warnings and include root of a target of ours. HEADERS names the target whose precompiled headers it uses;
# by default those are stack_headers for a library, and none for a program, whose code has other options.
function(stack_target target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADERS" "")
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                           $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast> -Werror -ffunction-sections)
  if(STACK_SANITIZE)
    # With sanitizers GCC takes more for uninitialized than is (Debugging Options in its manual): std::regex here.
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  endif()
  if(STACK_SANITIZE STREQUAL "thread")
    # Boost.Asio orders by fences, beside atomics that ThreadSanitizer sees.
    target_compile_options(${target} PRIVATE -Wno-tsan)
  endif()
  get_target_property(type ${target} TYPE)
  if(STACK_PRECOMPILE_HEADERS AND (arg_HEADERS OR NOT type STREQUAL "EXECUTABLE"))
    if(NOT arg_HEADERS)
      set(arg_HEADERS stack_headers)
    endif()
    if(NOT target STREQUAL arg_HEADERS)
      target_precompile_headers(${target} REUSE_FROM ${arg_HEADERS})
    endif()
    # They hold simdjson's, which are read with these definitions.
    target_compile_definitions(${target} PRIVATE
                               $<TARGET_PROPERTY:simdjson::simdjson,INTERFACE_COMPILE_DEFINITIONS>)
    # Without the first, ccache compiles each file anew. Those of another compiler, before an upgrade, are passed over.
    target_compile_options(${target} PRIVATE
                           "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess;-Wno-error=invalid-pch>")
  endif()
endfunction()

# For what links GoogleTest. Of a test's own sources the time to compile them counts: what they test is compiled as for
# the program. Not -O0, since of a template that both use the linker may take the test's copy.
function(stack_test_target target)
  stack_target(${target} HEADERS stack_test_headers)
  # Programs and what they share, alike: precompiled headers are for one kind of code.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIE)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
  endif()
endfunction()

# stack_precompiled_headers(NAME [TESTS] LIBS ... HEADERS ...): a target whose precompiled headers others use.
function(stack_precompiled_headers name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TESTS" "" "LIBS;HEADERS")
  if(NOT STACK_PRECOMPILE_HEADERS)
    return()
  endif()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${name}.cpp" CONTENT "// Of ${name}, whose headers are what counts.\n")
  add_library(${name} OBJECT "${PROJECT_BINARY_DIR}/${name}.cpp")
  if(arg_TESTS)
    stack_test_target(${name})
  else()
    stack_target(${name})
  endif()
  target_link_libraries(${name} PRIVATE ${arg_LIBS})
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
endfunction()

# stack_test(NAME name LABEL unit|integration|robustness SOURCES ... LIBS ... [TIMEOUT seconds] [ARGS ...] [COST seconds]
#            [ALONE])
# COST is about how long it takes, where that is more than half a minute: the longest begin first. ALONE is for tests of
# how fast or how punctual something is: no other runs beside them.
# One GoogleTest program, registered as one test of CTest: its cases share what is dear to start, such as a broker.
function(stack_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "ALONE" "NAME;LABEL;TIMEOUT;COST" "SOURCES;LIBS;ARGS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  stack_test_target(${arg_NAME})
  if(STACK_SANITIZE STREQUAL "thread")
    target_sources(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/c11_threads_under_tsan.c")
  endif()
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBS} GTest::gmock_main rapidcheck)
  if(NOT TARGET ${arg_LABEL}_tests)
    add_custom_target(${arg_LABEL}_tests)  # `ninja unit_tests` builds the tests of one tier
  endif()
  add_dependencies(${arg_LABEL}_tests ${arg_NAME})
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} ${arg_ARGS})
  stack_test_properties(${arg_NAME} "${arg_LABEL}" "${arg_TIMEOUT}" "${arg_COST}" "${arg_ALONE}")
endfunction()

# stack_python_test(NAME name LABEL label SCRIPT file [ARGS ...] [TIMEOUT seconds] [COST seconds] [ALONE])
# A Python script that drives the built program from outside; it leaves JUnit's XML at $GTEST_OUTPUT as the others do.
function(stack_python_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "ALONE" "NAME;LABEL;TIMEOUT;COST;SCRIPT" "ARGS")
  add_test(NAME ${arg_NAME} COMMAND "${STACK_TEST_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT}" ${arg_ARGS})
  stack_test_properties(${arg_NAME} "${arg_LABEL}" "${arg_TIMEOUT}" "${arg_COST}" "${arg_ALONE}")
endfunction()

function(stack_test_properties name label timeout cost alone)
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
  if(cost)
    set_tests_properties(${name} PROPERTIES COST ${cost})
  endif()
  if(alone)
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
