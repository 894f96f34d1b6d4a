#include "siegert_batch_standard.h"
#ifdef __x86_64__
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(                                                      \
    __attribute__((target("avx2,fma,popcnt,avx512f,avx512dq,avx512vl,avx512bw"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,popcnt,avx512f,avx512dq,avx512vl,avx512bw")
#endif
#define NUPHI_BATCH_SET batch_avx512
#define NUPHI_BATCH_LANES 8
#define NUPHI_BATCH_AVX512
#define NUPHI_BATCH_EVALUATE evaluate_avx512
#include "siegert_batch_loop.h"
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
