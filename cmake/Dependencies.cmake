# Third-party packages, each found once. Debian 12 names are in ./dev.
find_package(Eigen3 3.4 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(muparser CONFIG REQUIRED)
find_package(Spectra REQUIRED)
find_package(Threads REQUIRED)
find_package(TBB REQUIRED)

if(NUPHI_CERES)
  # Its search for SuiteSparse prints a page that is of no use here.
  set(CMAKE_MESSAGE_LOG_LEVEL NOTICE)
  find_package(Ceres 2.1 REQUIRED)
  unset(CMAKE_MESSAGE_LOG_LEVEL)
  include(CeresShared)
endif()
