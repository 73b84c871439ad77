# Compiler and linker settings shared by every target.

add_library(compose_options INTERFACE)
target_compile_options(compose_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -ffunction-sections -fdata-sections)
target_compile_options(compose_options INTERFACE -Werror)
target_compile_definitions(compose_options INTERFACE _GNU_SOURCE COMPOSE_VERSION="${PROJECT_VERSION}")
target_include_directories(compose_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_link_options(compose_options INTERFACE -Wl,--gc-sections -Wl,--as-needed)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wpedantic objects to designated initialisers of kernel ABI structs only in C++17 and older; the
  # flow-sensitive warnings below give false positives in optimised GCC 12 coroutines and std::variant, and it
  # does not see that Asio's coroutine frames pair their operators new and delete.
  target_compile_options(compose_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized;-Wno-missing-field-initializers;-Wno-restrict;-Wno-mismatched-new-delete>)
else()
  target_compile_options(compose_options INTERFACE -Wno-missing-field-initializers)
endif()

set(CMAKE_C_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

find_program(COMPOSE_CCACHE ccache)
if(COMPOSE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${COMPOSE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${COMPOSE_CCACHE})
endif()

find_program(COMPOSE_MOLD mold)
if(COMPOSE_MOLD)
  target_link_options(compose_options INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:COMPOSE_PACKED>>>:-fuse-ld=mold>)
endif()

if(COMPOSE_SANITIZE)
  target_compile_options(compose_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(compose_options INTERFACE -fsanitize=address,undefined)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Start-up time: relocating the C++ runtime is a third of a small command's life.
  target_link_options(compose_options INTERFACE -static-libstdc++ -static-libgcc)
endif()
