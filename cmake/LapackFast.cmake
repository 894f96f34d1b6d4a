# LAPACK::LAPACK from OpenBLAS, which has both in one library; else from whatever is there. (Left to itself CMake's search
# links the slow reference library beside it.) BLA_VENDOR, if given, decides.
macro(nuphi_find_lapack)
  if(BLA_VENDOR)
    find_package(LAPACK QUIET)
  else()
    set(BLA_VENDOR OpenBLAS)
    find_package(LAPACK QUIET)
    unset(BLA_VENDOR)
    if(NOT LAPACK_FOUND)
      find_package(LAPACK QUIET)
    endif()
  endif()
endmacro()
