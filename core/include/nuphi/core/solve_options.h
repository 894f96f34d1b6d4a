#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// How a fixed point is looked for.
enum class Method {
  kAuto,    ///< relaxation's limit from zero rates, by a faster road; from given rates: Newton with
            ///< fallbacks
  kNewton,  ///< damped Newton with the analytic Jacobian
  kCeres,   ///< Ceres' trust region with the same Jacobian
  kAnderson,    ///< Anderson acceleration of ν ← Φ(ν)
  kRelaxation,  ///< dν/ds = −ν + Φ(ν) followed to its limit (the convention of NEST and NNMT)
  kHomotopy,  ///< the path of (1 − t)·start + t Φ(ν) from t = 0 to 1, through folds: slow and sure
};
/// How many stationary states are looked for.
enum class Find {
  kOne,  ///< one: solve_stationary()
  kAll,  ///< as many as are found: find_stationary_states()
};

/// As in model files: auto, newton, ceres, anderson, relaxation, homotopy.
[[nodiscard]] std::string_view to_string(Method method);
/// Inverse of to_string(); empty for another name.
[[nodiscard]] std::optional<Method> method_from_string(std::string_view name);

/// What to look for and how hard: the `solve:` section of a model file, and the options of
/// solve_stationary().
struct SolveOptions {
  Find find = Find::kOne;         ///< what the program looks for; solve_stationary() refuses kAll
  Method method = Method::kAuto;  ///< how it is looked for
  double tolerance = 1e-10;  ///< on max_i |ν_i − Φ_i(ν)| [Hz], > 0; relative to max(1 Hz, ν)
  int max_iterations = 100000;  ///< of the solve, all methods and fallbacks together, > 0; reaching
                                ///< it ends with Termination::kMaxIterations. One method alone
                                ///< gives up after 1000, or after 1 % of this where that is more.
  int starts = 64;              ///< find = kAll: number of starting points, > 0
  std::uint64_t seed = 1;       ///< find = kAll: seed of the starting points
  /// find = kAll: upper end of the starting rates [Hz]; 0: 1/t_ref of each population.
  double max_rate = 0;
  Eigen::VectorXd initial_rates{};  ///< start [Hz], size n; empty: zero rates
};

/// @}
}  // namespace nuphi
