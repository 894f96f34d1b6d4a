#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/solve_options.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
}

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// Why a solve ended. One value per cause.
enum class Termination {
  kConverged,  ///< recomputed max |x − Φ(x)| ≤ tolerance (or at the rounding floor of Φ, which the
               ///< message then says)
  kMaxIterations,  ///< options.max_iterations used up; the state is the best point seen
  kStalled,        ///< no method made progress any more; the state is the best point seen
  kSingular,  ///< the Jacobian of x − Φ(x) is singular to rounding and no other method helped; best
              ///< point seen
  kNonFinite,    ///< Φ returned a value that is not finite at the start
  kInterrupted,  ///< the caller asked to stop; best point seen
};
/// "converged", "max_iterations", …
[[nodiscard]] std::string_view to_string(Termination termination);

/// One step of a method.
struct Iteration {
  Method method = Method::kAuto;  ///< that took this step
  double residual = 0;            ///< max |x − Φ(x)| after it
  double step = 0;                ///< max |Δx|
  double damping = 1;  ///< fraction of the full step taken, or the pseudo-time step of relaxation
};

/// How a solve went.
struct Summary {
  Termination termination = Termination::kStalled;  ///< why it ended
  Method method_requested = Method::kAuto;          ///< by the options
  Method method_used = Method::kAuto;               ///< that delivered the result
  std::string message;                              ///< one sentence
  double residual = 0;                ///< max |x − Φ(x)|, recomputed at the returned state
  int evaluations = 0;                ///< of Φ
  int factorizations = 0;             ///< of its Jacobian
  int krylov_iterations = 0;          ///< of GMRES, where nothing was factorised
  double seconds = 0;                 ///< wall time
  std::vector<Iteration> iterations;  ///< in order, all methods

  [[nodiscard]] std::string brief_report() const;  ///< one line
  [[nodiscard]] std::string full_report() const;   ///< a page; deterministic except for the time
};

/// What the caller holds in its hands while a solve runs. Everything may stay empty.
struct SolveControl {
  /// Looked at once an iteration; a request ends the solve with Termination::kInterrupted and the
  /// best point seen.
  std::stop_token stop;
  /// Called after every iteration, on the solving thread.
  std::function<void(const Iteration&)> progress;
  /// Where iterations (trace), method changes (debug) and outcomes (info) are logged; null:
  /// nowhere.
  std::shared_ptr<spdlog::logger> logger;
};

/// @}
}  // namespace nuphi
