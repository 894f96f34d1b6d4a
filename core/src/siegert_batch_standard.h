// What siegert_batch_loop.h needs of the standard library. Included before any instruction set is
// chosen, so that functions of the library are compiled for every processor.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <span>

#include "cv_coefficients.h"
#include "siegert_batch.h"
#include "siegert_coefficients.h"
