# What is installed where, and the Debian packages that CPack makes of it (`cpack --config build/CPackConfig.cmake`):
#   stack-market         the program, its manual, completions, examples, settings and services
#   stack-market-kafka   Apache Kafka's jars and the service of the local broker
# `cmake --install build --component program` installs the program alone, below any prefix.
include(GNUInstallDirs)

set(stack_data "${CMAKE_INSTALL_DATADIR}/stack")
set(stack_doc "${CMAKE_INSTALL_DATADIR}/doc/stack-market")
set(stack_debian "${PROJECT_SOURCE_DIR}/deploy/debian")

# The manual and the completions are made by the program, from the table that its --help is made from.
set(stack_manual "${PROJECT_BINARY_DIR}/manual")
add_custom_command(OUTPUT "${stack_manual}/.made"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${stack_manual}"
  COMMAND stack man all "${stack_manual}"
  COMMAND stack completion bash > "${stack_manual}/stack.bash"
  COMMAND stack completion zsh > "${stack_manual}/_stack"
  COMMAND stack completion fish > "${stack_manual}/stack.fish"
  COMMAND sh -c "gzip -9nf \"$0\"/*.1" "${stack_manual}"
  COMMAND sh -c "gzip -9nc \"$0\" > \"$1\"" "${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${stack_manual}/changelog.gz"
  COMMAND "${CMAKE_COMMAND}" -E touch "${stack_manual}/.made"
  DEPENDS stack "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  WORKING_DIRECTORY "${PROJECT_BINARY_DIR}"
  COMMENT "Manual pages and completions"
  VERBATIM)
add_custom_target(manual ALL DEPENDS "${stack_manual}/.made")

install(TARGETS stack RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
install(DIRECTORY "${stack_manual}/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT program
  FILES_MATCHING PATTERN "*.1.gz")
install(FILES "${stack_manual}/stack.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
  RENAME stack COMPONENT program)
install(FILES "${stack_manual}/_stack" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT program)
install(FILES "${stack_manual}/stack.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
  COMPONENT program)
install(FILES "${PROJECT_SOURCE_DIR}/examples/data/stocks.csv" DESTINATION "${stack_data}/examples" COMPONENT program)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/examples/scenarios" DESTINATION "${stack_data}/examples" COMPONENT program)
install(FILES "${stack_debian}/copyright" DESTINATION "${stack_doc}" COMPONENT program)
install(FILES "${stack_manual}/changelog.gz" DESTINATION "${stack_doc}" COMPONENT program)
# The notices of what is linked into the program, as its makers ship them.
if(NOT STACK_SYSTEM_RDKAFKA)
  install(FILES "${STACK_RDKAFKA_ROOT}/LICENSES.txt" DESTINATION "${stack_doc}/third-party"
    RENAME librdkafka.txt COMPONENT program)
endif()
foreach(notice IN ITEMS LICENSE NOTICE)
  install(FILES "${STACK_AWS_CRT_ROOT}/${notice}" DESTINATION "${stack_doc}/third-party"
    RENAME "aws-crt-${notice}.txt" COMPONENT program)
endforeach()

# The services. Their files say what they run by full path, so they belong to a package and not below any prefix.
set(BINDIR "/usr/bin")
set(SYSCONFDIR "/etc")
file(STRINGS "${PROJECT_SOURCE_DIR}/deploy/systemd/hardening.conf" hardening_lines REGEX "^[^#]")
list(JOIN hardening_lines "\n" HARDENING)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/deploy/systemd/hardening.conf")
function(stack_install_unit unit component)
  if(EXISTS "${PROJECT_SOURCE_DIR}/deploy/systemd/${unit}.in")
    configure_file("${PROJECT_SOURCE_DIR}/deploy/systemd/${unit}.in" "${PROJECT_BINARY_DIR}/systemd/${unit}" @ONLY)
  else()
    configure_file("${PROJECT_SOURCE_DIR}/deploy/systemd/${unit}" "${PROJECT_BINARY_DIR}/systemd/${unit}" COPYONLY)
  endif()
  install(FILES "${PROJECT_BINARY_DIR}/systemd/${unit}" DESTINATION lib/systemd/system COMPONENT ${component}
    EXCLUDE_FROM_ALL)
endfunction()
foreach(unit IN ITEMS stack-producer.service stack-sink.service stack-crawl.service stack-crawl.timer
                      stack-compact.service stack-compact.timer)
  stack_install_unit(${unit} services)
endforeach()
install(FILES "${stack_debian}/sysusers.conf" DESTINATION lib/sysusers.d RENAME stack-market.conf
  COMPONENT services EXCLUDE_FROM_ALL)
install(FILES "${stack_debian}/tmpfiles.conf" DESTINATION lib/tmpfiles.d RENAME stack-market.conf
  COMPONENT services EXCLUDE_FROM_ALL)
foreach(file IN ITEMS stack.toml producer.env sink.env crawl.env compact.env)
  install(FILES "${stack_debian}/etc/${file}" DESTINATION "${SYSCONFDIR}/stack"
    PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ COMPONENT services EXCLUDE_FROM_ALL)
endforeach()

install(DIRECTORY "${STACK_KAFKA_JARS_DIR}/" DESTINATION "${stack_data}/kafka" COMPONENT kafka EXCLUDE_FROM_ALL
  FILES_MATCHING PATTERN "*.jar")
install(FILES "${stack_debian}/kafka/copyright" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/stack-market-kafka"
  RENAME copyright COMPONENT kafka EXCLUDE_FROM_ALL)
install(FILES "${stack_manual}/changelog.gz" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/stack-market-kafka"
  COMPONENT kafka EXCLUDE_FROM_ALL)
stack_install_unit(stack-kafka.service kafka)

# The packages.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME stack-market)
set(CPACK_PACKAGE_VENDOR STACK)
set(CPACK_PACKAGE_CONTACT "STACK's maintainers <stack@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL program services kafka)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENT_PROGRAM_GROUP market)
set(CPACK_COMPONENT_SERVICES_GROUP market)
set(CPACK_COMPONENT_KAFKA_GROUP kafka)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_MARKET_PACKAGE_NAME stack-market)
set(CPACK_DEBIAN_MARKET_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_MARKET_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_MARKET_PACKAGE_DEPENDS "ca-certificates, passwd, tzdata")
set(CPACK_DEBIAN_MARKET_PACKAGE_RECOMMENDS systemd)
set(CPACK_DEBIAN_MARKET_PACKAGE_SUGGESTS "stack-market-kafka")
set(CPACK_DEBIAN_MARKET_PACKAGE_CONFLICTS haskell-stack)  # which owns /usr/bin/stack as well
set(CPACK_COMPONENT_GROUP_MARKET_DESCRIPTION
"Historical daily bars become a realistic live feed of price events on Apache
Kafka, land exactly once in a data lake (a folder or Amazon S3), are catalogued
and answer SQL. With services for producer, sink, crawl and compaction.")
set(CPACK_DEBIAN_MARKET_PACKAGE_CONTROL_EXTRA
  "${stack_debian}/postinst;${stack_debian}/prerm;${stack_debian}/postrm;${stack_debian}/conffiles")

set(CPACK_DEBIAN_KAFKA_PACKAGE_NAME stack-market-kafka)
set(CPACK_DEBIAN_KAFKA_PACKAGE_SECTION java)
set(CPACK_DEBIAN_KAFKA_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_KAFKA_PACKAGE_DEPENDS
  "stack-market, openjdk-17-jre-headless | java17-runtime-headless | java21-runtime-headless | default-jre-headless (>= 2:1.17)")
set(CPACK_COMPONENT_GROUP_KAFKA_DESCRIPTION
"Apache Kafka ${STACK_KAFKA_VERSION} as `stack kafka up` runs it: one node, on 127.0.0.1 only, for a
machine that has the whole pipeline. Not for a cluster.")
set(CPACK_DEBIAN_KAFKA_PACKAGE_CONTROL_EXTRA "${stack_debian}/kafka/postinst;${stack_debian}/kafka/prerm")
include(CPack)
