# nuphi_add_test(NAME core_siegert SOURCES siegert_test.cc LINK nuphi::core LABELS unit)
# One GoogleTest program; its cases become ctest entries. Test data is found through NUPHI_TEST_DATA.
find_package(GTest REQUIRED)
include(GoogleTest)

function(nuphi_add_test)
  cmake_parse_arguments(ARG "" "NAME;TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  set(target test_${ARG_NAME})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_LINK} GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE NUPHI_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    NUPHI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_features(${target} PRIVATE cxx_std_20)
  nuphi_set_warnings(${target})
  # One property holds the list: its semicolons have to survive two evaluations.
  string(REPLACE ";" "\\;" labels "${ARG_LABELS}")
  gtest_discover_tests(${target} DISCOVERY_TIMEOUT 60 TEST_PREFIX "${ARG_NAME}." PROPERTIES LABELS "${labels}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
