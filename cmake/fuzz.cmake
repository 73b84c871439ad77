# tests/fuzz/NAME.cpp becomes fuzz_NAME, a libFuzzer program: run it with a corpus directory, for example
# build/fuzz/fuzz_compose_load corpus tests/unit/compose/diagnostics.

function(compose_fuzz name)
  if(EXISTS ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}.cpp)
    add_executable(fuzz_${name} tests/fuzz/${name}.cpp)
    target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(fuzz_${name} PRIVATE ${ARGN})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()

# Every library gets coverage counters, for the fuzzer sees only what is instrumented.
foreach(module base go_template language dns image build)
  target_compile_options(compose_${module} PRIVATE -fsanitize=fuzzer-no-link)
endforeach()

compose_fuzz(compose_load compose_language ext_yaml)
compose_fuzz(common_yaml compose_language ext_yaml)
compose_fuzz(env_file compose_language)
compose_fuzz(dns_wire compose_dns)
compose_fuzz(image_reference compose_image)
compose_fuzz(image_manifest compose_image)
compose_fuzz(image_unpack compose_image)
compose_fuzz(image_changes compose_image)
compose_fuzz(cdi_spec compose_container)
compose_fuzz(dockerfile compose_build)
compose_fuzz(go_template compose_go_template)
