include(GNUInstallDirs)

if(TARGET compose)
  install(TARGETS compose RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

  # Where each shell looks for the completions of packages.
  set(completions ${PROJECT_BINARY_DIR}/completions)
  set(completion_files)
  foreach(shell_and_place
      bash:bash-completion/completions/compose zsh:zsh/vendor-completions/_compose fish:fish/vendor_completions.d/compose.fish)
    string(REGEX MATCH "^([a-z]+):(.*)/([^/]+)$" unused ${shell_and_place})
    set(shell ${CMAKE_MATCH_1})
    set(file ${completions}/${shell}/${CMAKE_MATCH_3})
    add_custom_command(OUTPUT ${file}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}/${shell}
      COMMAND compose completion ${shell} > ${file}
      DEPENDS compose VERBATIM)
    list(APPEND completion_files ${file})
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${CMAKE_MATCH_2})
  endforeach()
  add_custom_target(completions ALL DEPENDS ${completion_files})
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "compose developers <compose@localhost>")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libcurl4, libarchive13, libnftables1")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "git, openssh-client")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_STRIP_FILES ON)
include(CPack)
