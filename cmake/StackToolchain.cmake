# The language, the compiler's flags and the build's speed.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -g1: stack traces with lines, without the gigabytes of full debug information.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

# A feed is a function of (data, options, seed): a fused multiply-add would make it one of the processor as well.
add_compile_options(-ffp-contract=off)

find_program(STACK_CCACHE ccache)
if(STACK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${STACK_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${STACK_CCACHE}")
endif()

find_program(STACK_MOLD mold)
if(STACK_MOLD AND NOT APPLE)
  add_link_options(-fuse-ld=mold)
endif()
if(NOT APPLE)
  add_link_options(-Wl,--gc-sections)
endif()

if(STACK_SANITIZE)
  add_compile_options(-fsanitize=${STACK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -O1 -g1)
  add_link_options(-fsanitize=${STACK_SANITIZE})
endif()
