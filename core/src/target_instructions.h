// Code compiled for one instruction set: what stands between BEGIN and END may use the instructions
// named; which set runs is decided at run time.
#pragma once

#if defined(__clang__)
#define NUPHI_PRAGMA(text) _Pragma(#text)
#define NUPHI_BEGIN_TARGET(set) \
  NUPHI_PRAGMA(clang attribute push(__attribute__((target(set))), apply_to = function))
#define NUPHI_END_TARGET _Pragma("clang attribute pop")
#else
#define NUPHI_PRAGMA(text) _Pragma(#text)
#define NUPHI_BEGIN_TARGET(set) _Pragma("GCC push_options") NUPHI_PRAGMA(GCC target(set))
#define NUPHI_END_TARGET _Pragma("GCC pop_options")
#endif
