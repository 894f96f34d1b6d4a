# nuphi_add_component(NAME core SOURCES a.cc HEADERS x.h INTERNAL y.h USES_INTERNAL solver LINK_PUBLIC … LINK_PRIVATE …)
# One library nuphi_<name> (shared with BUILD_SHARED_LIBS), alias nuphi::<name>; headers live in <name>/include/nuphi/<name>/.
# INTERNAL headers are for other components, not for callers: <name>/internal/nuphi/<name>/, included as public ones are, not
# installed, and seen only by who names the component under USES_INTERNAL.
# Each component is exported on its own, so that who asks for core needs only what core needs.
function(nuphi_add_component)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;HEADERS;INTERNAL;USES_INTERNAL;LINK_PUBLIC;LINK_PRIVATE" ${ARGN})
  set(target nuphi_${ARG_NAME})
  list(TRANSFORM ARG_SOURCES PREPEND src/)
  list(TRANSFORM ARG_HEADERS PREPEND include/nuphi/${ARG_NAME}/)
  list(TRANSFORM ARG_INTERNAL PREPEND internal/nuphi/${ARG_NAME}/)

  add_library(${target} ${ARG_SOURCES})
  add_library(nuphi::${ARG_NAME} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${ARG_HEADERS})
  if(ARG_INTERNAL)
    target_sources(${target} PRIVATE ${ARG_INTERNAL})
    target_include_directories(${target} PRIVATE internal)
  endif()
  foreach(other IN LISTS ARG_USES_INTERNAL)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/${other}/internal)
  endforeach()
  # CMake below 3.23 knows no file sets.
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  # Errors of arithmetic are values here (NaN, ∞), never errno or traps; without these two flags loops stay scalar.
  target_compile_options(${target} PRIVATE -fno-math-errno -fno-trapping-math)
  # Public types hold Eigen's arrays: their alignment, and how their memory is freed, must not change with -mavx. (With
  # the alignment alone Eigen still has two ways to allocate; that of the wider instructions serves all.)
  target_compile_definitions(${target} PUBLIC EIGEN_MAX_ALIGN_BYTES=16 EIGEN_MALLOC_ALREADY_ALIGNED=0)
  target_link_libraries(${target} PUBLIC ${ARG_LINK_PUBLIC} PRIVATE ${ARG_LINK_PRIVATE})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME} POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  # The libraries find each other where they are installed together.
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "\$ORIGIN")
  # Exports are marked by visibility: a shared library is compiled as a static one is.
  set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "")
  nuphi_set_warnings(${target})

  set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nuphi)
  install(TARGETS ${target} EXPORT nuphi_${ARG_NAME} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT nuphi_${ARG_NAME} NAMESPACE nuphi:: DESTINATION ${config_dir} FILE nuphi_${ARG_NAME}.cmake)
endfunction()
