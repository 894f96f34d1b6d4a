# Warnings are private to our targets; presets for development turn them into errors.
option(NUPHI_WERROR "Treat warnings as errors" OFF)

function(nuphi_set_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-sign-conversion
    # g++ 12 reports string concatenation as overlapping (a known false alarm of that version).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${NUPHI_WERROR}>:-Werror>)
endfunction()
