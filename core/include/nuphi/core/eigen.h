#pragma once

/// @file
/// Eigen as nuphi's public types hold it. Eigen aligns its arrays, and allocates and frees their
/// memory, by the widest instructions it is compiled for; so that libraries and programs compiled
/// with other -m flags fit together, nuphi fixes both. CMake's targets and pkg-config bring the
/// definitions along.

#include <Eigen/Core>

#if EIGEN_MAX_ALIGN_BYTES != 16 || EIGEN_MALLOC_ALREADY_ALIGNED != 0
#error \
    "nuphi's interface has EIGEN_MAX_ALIGN_BYTES=16 and EIGEN_MALLOC_ALREADY_ALIGNED=0: compile with -DEIGEN_MAX_ALIGN_BYTES=16 -DEIGEN_MALLOC_ALREADY_ALIGNED=0 (link the target nuphi::core, or use pkg-config --cflags nuphi)"
#endif
#if EIGEN_MAX_STATIC_ALIGN_BYTES != 16
#error \
    "nuphi's interface has Eigen's arrays of fixed size aligned to 16 bytes: do not define EIGEN_MAX_STATIC_ALIGN_BYTES"
#endif
