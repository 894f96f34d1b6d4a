# Warnings are private to our targets; presets for development turn them into errors.
option(NUPHI_WERROR "Treat warnings as errors" OFF)

function(nuphi_set_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-sign-conversion
    $<$<BOOL:${NUPHI_WERROR}>:-Werror>)
endfunction()
