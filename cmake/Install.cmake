include(CMakePackageConfigHelpers)
set(nuphi_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nuphi)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/nuphiConfig.cmake.in
  ${PROJECT_BINARY_DIR}/nuphiConfig.cmake INSTALL_DESTINATION ${nuphi_config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nuphiConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nuphiConfig.cmake ${PROJECT_BINARY_DIR}/nuphiConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/LapackFast.cmake DESTINATION ${nuphi_config_dir})

# pkg-config has one list of libraries; without shared libraries it must name what ours need.
set(nuphi_pc_private "-lyaml-cpp -lmuparser -lspdlog -lfmt -ltbb -pthread")
if(NUPHI_CERES)
  string(PREPEND nuphi_pc_private "-lceres ")
endif()
if(NUPHI_BLAS)
  list(JOIN LAPACK_LIBRARIES " " nuphi_pc_lapack)
  string(APPEND nuphi_pc_private " ${nuphi_pc_lapack}")
endif()
set(nuphi_pc_libs "")
if(NOT BUILD_SHARED_LIBS)
  set(nuphi_pc_libs " ${nuphi_pc_private}")
endif()
# The prefix may be another one when it is installed.
file(RELATIVE_PATH nuphi_pc_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/nuphi.pc.in ${PROJECT_BINARY_DIR}/nuphi.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/nuphi.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
