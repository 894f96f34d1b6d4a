// The instructions every processor of the architecture has.
#include "siegert_batch_standard.h"
#define NUPHI_BATCH_SET batch_baseline
#define NUPHI_BATCH_LANES 2
#define NUPHI_BATCH_EVALUATE evaluate_baseline
#include "siegert_batch_loop.h"
