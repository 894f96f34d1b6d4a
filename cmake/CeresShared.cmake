# Debian's Ceres::ceres is the static archive. Its Eigen code is merged with ours at link time and corrupts the heap when
# our compiler flags change Eigen's alignment (-march, sanitizers, LTO). The shared library hides its Eigen symbols.
get_target_property(nuphi_ceres_archive Ceres::ceres IMPORTED_LOCATION_RELEASE)
if(NOT nuphi_ceres_archive)
  get_target_property(nuphi_ceres_archive Ceres::ceres IMPORTED_LOCATION)
endif()
get_filename_component(nuphi_ceres_dir "${nuphi_ceres_archive}" DIRECTORY)
find_library(NUPHI_CERES_SHARED NAMES ceres PATHS "${nuphi_ceres_dir}" NO_DEFAULT_PATH REQUIRED)
if(NOT TARGET nuphi_ceres_shared)
  add_library(nuphi_ceres_shared SHARED IMPORTED)
  set_target_properties(nuphi_ceres_shared PROPERTIES
    IMPORTED_LOCATION "${NUPHI_CERES_SHARED}"
    INTERFACE_INCLUDE_DIRECTORIES "$<TARGET_PROPERTY:Ceres::ceres,INTERFACE_INCLUDE_DIRECTORIES>"
    INTERFACE_LINK_LIBRARIES "glog::glog;Eigen3::Eigen")
endif()
