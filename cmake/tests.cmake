# tests/unit/MODULE mirrors the module's folder and becomes unit_MODULE; tests/integration/MODULE needs
# root and a real kernel and becomes integration_MODULE. Catch2's main is compiled once.

find_package(Catch2 2 REQUIRED)
add_library(compose_catch_main STATIC ${PROJECT_SOURCE_DIR}/tests/catch_main.cpp)
target_link_libraries(compose_catch_main PUBLIC Catch2::Catch2 compose_options)
target_include_directories(compose_catch_main PUBLIC ${PROJECT_SOURCE_DIR}/tests)

# All programs of a kind, for who wants no more.
add_custom_target(unit_tests)
add_custom_target(integration_tests)

function(compose_tests kind name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${kind}/${folder}/*.cpp)
  if(sources)
    add_executable(${kind}_${name} ${sources})
    target_link_libraries(${kind}_${name} PRIVATE compose_catch_main ${ARGN})
    target_compile_definitions(${kind}_${name} PRIVATE
      COMPOSE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/${kind}/${folder}")
    add_dependencies(${kind}_tests ${kind}_${name})
    add_test(NAME ${kind}_${name} COMMAND ${kind}_${name})
    set_tests_properties(${kind}_${name} PROPERTIES LABELS ${kind} TIMEOUT 300)
  endif()
endfunction()

foreach(kind unit integration)
  compose_tests(${kind} base base compose_base)
  compose_tests(${kind} go_template go_template compose_go_template)
  compose_tests(${kind} language compose compose_language ext_yaml)
  compose_tests(${kind} plan plan compose_plan)
  compose_tests(${kind} container container compose_container ext_seccomp)
  compose_tests(${kind} image image compose_image)
  compose_tests(${kind} build build compose_build)
  compose_tests(${kind} network network compose_network ext_nl_route ext_asio)
  compose_tests(${kind} dns dns compose_dns)
  compose_tests(${kind} supervisor supervisor compose_supervisor)
endforeach()

# The control group tests again on each kind of hierarchy a hybrid host can play. A host with one kind has run
# them on it already.
if(TARGET integration_container)
  foreach(kind_and_mount v1:/sys/fs/cgroup/memory v2:/sys/fs/cgroup/unified)
    string(REPLACE ":" ";" kind_and_mount ${kind_and_mount})
    list(GET kind_and_mount 0 kind)
    list(GET kind_and_mount 1 mount)
    if(NOT EXISTS ${mount})
      message(WARNING "This host is not hybrid (no ${mount}): the cgroup ${kind} tests are left out; see tests/uml for v2.")
      continue()
    endif()
    add_test(NAME integration_container_cgroup_${kind} COMMAND integration_container [cgroup])
    set_tests_properties(integration_container_cgroup_${kind} PROPERTIES
      LABELS integration TIMEOUT 300 ENVIRONMENT COMPOSE_CGROUP_KIND=${kind})
  endforeach()
  # And on cgroup v2 alone with Linux 6.1.
  add_test(NAME uml_container
    COMMAND ${PROJECT_SOURCE_DIR}/tests/uml/run $<TARGET_FILE:integration_container> [cgroup],[seccomp],[keeper])
  set_tests_properties(uml_container PROPERTIES LABELS integration TIMEOUT 330)
endif()
