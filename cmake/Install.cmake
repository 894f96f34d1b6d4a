include(CMakePackageConfigHelpers)
set(nuphi_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nuphi)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/nuphiConfig.cmake.in
  ${PROJECT_BINARY_DIR}/nuphiConfig.cmake INSTALL_DESTINATION ${nuphi_config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nuphiConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT nuphiTargets NAMESPACE nuphi:: DESTINATION ${nuphi_config_dir})
install(FILES ${PROJECT_BINARY_DIR}/nuphiConfig.cmake ${PROJECT_BINARY_DIR}/nuphiConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/CeresShared.cmake DESTINATION ${nuphi_config_dir})
if(NUPHI_PETSC)
  install(EXPORT nuphiPetscTargets NAMESPACE nuphi:: DESTINATION ${nuphi_config_dir})
endif()
