# One folder = one static library = one namespace. A link here is the permission to include; the script
# scripts/check-layers holds the sources to the same graph.

function(compose_module name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(compose_${name} STATIC ${sources})
  target_link_libraries(compose_${name} PUBLIC compose_options ${ARGN})
endfunction()

compose_module(base src/base ext_fmt nlohmann_json::nlohmann_json PRIVATE ext_spdlog ext_crypto Threads::Threads)
compose_module(go_template src/go_template compose_base)
compose_module(language compose compose_base PRIVATE ext_yaml)
compose_module(container engine/container compose_base PRIVATE ext_seccomp ext_cap ext_yaml)
compose_module(image engine/image compose_base ${CMAKE_DL_LIBS} PRIVATE ext_zlib)
compose_module(build engine/build compose_base compose_image compose_container)
compose_module(network engine/network compose_base PRIVATE ext_nl_route ext_asio ${CMAKE_DL_LIBS})
compose_module(plan compose/plan compose_base compose_language compose_container compose_network)
compose_module(dns dns compose_base ext_asio ext_cares)
compose_module(supervisor src/supervisor
  compose_plan compose_container compose_network compose_image compose_dns compose_base ext_asio)

add_subdirectory(engine/container/init)
# Runs in memory shared with another process: nothing may be added to it that uses thread-local storage.
set_source_files_properties(engine/container/child_run.cpp PROPERTIES COMPILE_OPTIONS
  "-fno-stack-protector;-fno-sanitize=all;-fno-builtin;-fno-exceptions;-fcf-protection=none;-O1")

if(EXISTS ${PROJECT_SOURCE_DIR}/engine/container/keeper/CMakeLists.txt)
  add_subdirectory(engine/container/keeper)
endif()

file(GLOB_RECURSE program_sources CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/src/*.cpp)
list(FILTER program_sources EXCLUDE REGEX "/src/(base|go_template|supervisor)/")
if(EXISTS ${PROJECT_SOURCE_DIR}/src/supervisor/supervisor.hpp)
  add_executable(compose ${program_sources})
  target_link_libraries(compose PRIVATE
    compose_supervisor compose_plan compose_language compose_build compose_image compose_go_template compose_base CLI11::CLI11 ext_asio)
  # Packed relocations spare a start a fifth of its page faults; mold writes them without what glibc asks for.
  include(CheckLinkerFlag)
  check_linker_flag(CXX "-fuse-ld=bfd;-Wl,-z,pack-relative-relocs" COMPOSE_PACKS_RELOCATIONS)
  if(COMPOSE_PACKS_RELOCATIONS AND CMAKE_BUILD_TYPE STREQUAL "Release")
    set_target_properties(compose PROPERTIES COMPOSE_PACKED ON)
    target_link_options(compose PRIVATE -fuse-ld=bfd -Wl,-z,pack-relative-relocs)
  endif()
endif()
