#include <nuphi/solver/summary.h>

namespace nuphi {

std::string_view to_string(Termination termination) {
  switch (termination) {
    case Termination::kConverged: return "converged";
    case Termination::kMaxIterations: return "max_iterations";
    case Termination::kStalled: return "stalled";
    case Termination::kSingular: return "singular";
    case Termination::kNonFinite: return "non_finite";
    case Termination::kInterrupted: return "interrupted";
  }
  return "unknown";
}

}  // namespace nuphi
