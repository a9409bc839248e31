# AwsCrt::auth: the AWS Common Runtime's C libraries for credentials, signing, HTTP and event loops (<aws/auth/...>,
# <aws/http/...>, <aws/io/...>), from the pinned static libraries of the third-party cache.
# Their OpenSSL is the one inside librdkafka's static library, so that the program has one; with the system's librdkafka
# it is the system's.
if(TARGET AwsCrt::auth)
  return()
endif()

# In the order in which each needs those after it.
set(aws_crt_parts aws-c-auth aws-c-http aws-c-compression aws-c-sdkutils aws-c-io s2n aws-c-cal aws-checksums aws-c-common)

find_path(AwsCrt_INCLUDE_DIR aws/auth/credentials.h PATHS "${STACK_AWS_CRT_ROOT}/include" NO_DEFAULT_PATH)
set(aws_crt_archives)
foreach(part IN LISTS aws_crt_parts)
  find_library(AwsCrt_${part}_LIBRARY NAMES lib${part}.a PATHS "${STACK_AWS_CRT_ROOT}/lib" NO_DEFAULT_PATH)
  list(APPEND aws_crt_archives "${AwsCrt_${part}_LIBRARY}")
  list(APPEND aws_crt_variables AwsCrt_${part}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(AwsCrt REQUIRED_VARS ${aws_crt_variables} AwsCrt_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run scripts/third-party")

if(AwsCrt_FOUND)
  find_package(Threads REQUIRED)
  if(STACK_SYSTEM_RDKAFKA)
    find_package(OpenSSL REQUIRED)
    set(aws_crt_crypto OpenSSL::Crypto)
  else()
    find_package(RdKafka REQUIRED)
    set(aws_crt_crypto RdKafka::rdkafka)
  endif()
  add_library(AwsCrt::auth INTERFACE IMPORTED GLOBAL)
  set_target_properties(AwsCrt::auth PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${AwsCrt_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${aws_crt_archives};${aws_crt_crypto};Threads::Threads;m;dl;rt")
endif()
mark_as_advanced(AwsCrt_INCLUDE_DIR ${aws_crt_variables})
