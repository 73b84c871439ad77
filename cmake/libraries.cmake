# Third-party libraries, all Debian 12 packages. Static, for every shared library costs each command half a
# millisecond, and one that needs libstdc++ three; libcurl, libarchive and libnftables are opened with dlopen by
# the modules that use them, so only headers here.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.81 REQUIRED)

pkg_check_modules(NL REQUIRED libnl-route-3.0)

function(compose_static_library name archive)
  find_library(${name}_archive ${archive} REQUIRED)
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE ${${name}_archive} ${ARGN})
endfunction()

compose_static_library(ext_crypto libcrypto.a)
compose_static_library(ext_zlib libz.a)
compose_static_library(ext_seccomp libseccomp.a)
compose_static_library(ext_cap libcap.a)
compose_static_library(ext_yaml libyaml-cpp.a)
compose_static_library(ext_cares libcares.a)
compose_static_library(ext_nl libnl-3.a)
compose_static_library(ext_nl_route libnl-route-3.a ext_nl)
target_include_directories(ext_nl_route SYSTEM INTERFACE ${NL_INCLUDE_DIRS})

# Debian has no archives of these two, but their whole source in headers. fmt is compiled once, for everyone
# includes it; spdlog with its one user.
add_library(ext_fmt STATIC ${PROJECT_SOURCE_DIR}/cmake/fmt.cpp)
target_compile_definitions(ext_fmt PUBLIC FMT_SHARED)
add_library(ext_spdlog INTERFACE)
target_compile_definitions(ext_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)

add_library(ext_asio INTERFACE)
target_link_libraries(ext_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(ext_asio INTERFACE BOOST_ASIO_NO_DEPRECATED)
