#include <mutex>

#include "lapack_routines.h"

// OpenBLAS has these, other BLAS libraries do not: null pointers there.
extern "C" {
[[gnu::weak]] int openblas_get_num_threads();
[[gnu::weak]] void openblas_set_num_threads(int);
}

namespace nuphi::dense::lapack {
namespace {

std::mutex mutex;
int alive = 0;
int threads_before = 1;

bool is_openblas() {
  return openblas_get_num_threads != nullptr && openblas_set_num_threads != nullptr;
}

}  // namespace

OneThread::OneThread() {
  if (!is_openblas()) return;
  const std::scoped_lock lock(mutex);
  if (alive++ > 0) return;
  threads_before = openblas_get_num_threads();
  if (threads_before > 1) openblas_set_num_threads(1);
}

OneThread::~OneThread() {
  if (!is_openblas()) return;
  const std::scoped_lock lock(mutex);
  if (--alive == 0 && threads_before > 1) openblas_set_num_threads(threads_before);
}

}  // namespace nuphi::dense::lapack
