# nuphi_add_component(NAME core SOURCES a.cc HEADERS x.h LINK_PUBLIC … LINK_PRIVATE … [EXPORT nuphiTargets])
# One static library nuphi_<name>, alias nuphi::<name>; headers live in <name>/include/nuphi/<name>/.
function(nuphi_add_component)
  cmake_parse_arguments(ARG "" "NAME;EXPORT" "SOURCES;HEADERS;LINK_PUBLIC;LINK_PRIVATE" ${ARGN})
  if(NOT ARG_EXPORT)
    set(ARG_EXPORT nuphiTargets)
  endif()
  set(target nuphi_${ARG_NAME})
  list(TRANSFORM ARG_SOURCES PREPEND src/)
  list(TRANSFORM ARG_HEADERS PREPEND include/nuphi/${ARG_NAME}/)

  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(nuphi::${ARG_NAME} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${ARG_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  # Errors of arithmetic are values here (NaN, ∞), never errno or traps; without these two flags loops stay scalar.
  target_compile_options(${target} PRIVATE -fno-math-errno -fno-trapping-math)
  target_link_libraries(${target} PUBLIC ${ARG_LINK_PUBLIC} PRIVATE ${ARG_LINK_PRIVATE})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME} POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
  nuphi_set_warnings(${target})

  install(TARGETS ${target} EXPORT ${ARG_EXPORT} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()
