#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/solve_options.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/model_family.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/solver/continuation.h>
#include <nuphi/solver/problem.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup continuation
/// @{

/// A network over parameters: the mean field at each value. Anything may depend on them, couplings,
/// inputs and neurons, smoothly; the number of populations and the correction may not.
using MeanFieldFamily = std::function<MeanField(double p)>;
/// The same over two parameters.
using MeanFieldPlane = std::function<MeanField(double p, double q)>;

/// The stationary rates ν = Φ(ν; p) as a family of fixed-point problems, x = ν [Hz].
///   ∂Φ/∂p = ∂Φ/∂μ (A' ν + a') + ∂Φ/∂σ² (B' ν + b') + what comes through the neurons
/// with A', B', a', b' in closed form from the numbers of the network: an entry of it (ModelFamily)
/// moves alone, and what follows a named parameter is differenced number by number. Of fields alone
/// the sums are differenced. Differences are extrapolated inside the interval: exact to rounding
/// where the numbers are polynomials in p of degree 6 or less, better than 1e-8 where they are
/// smooth. The family is asked for one more value of p at a step of Newton's method and some four
/// at a point of the branch. Where it throws a ModelError there is no Φ (NaN) and the message is
/// kept.
class RateFamily final : public ParametricProblem {
 public:
  /// @param family        mean field at each p
  /// @param lower, upper  interval of p, outside of which the family is not asked
  /// @param at            where the family has a network; what it throws there is passed on
  RateFamily(MeanFieldFamily family, double lower, double upper, double at);
  /// The same of a model over some of its parameters.
  RateFamily(ModelFamily family, Eigen::VectorXd lower, Eigen::VectorXd upper,
             const Eigen::VectorXd& at);
  /// The same of two parameters (p, q).
  RateFamily(MeanFieldPlane family, const Eigen::Vector2d& lower, const Eigen::Vector2d& upper,
             const Eigen::Vector2d& at);
  ~RateFamily() override;

  [[nodiscard]] Eigen::Index size() const override;
  [[nodiscard]] Eigen::Index parameters() const override;
  [[nodiscard]] const Eigen::VectorXd& lower() const override;
  [[nodiscard]] const Eigen::VectorXd& upper() const override;
  void set_parameters(const Eigen::VectorXd& values) override;
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override;
  void jacobian(Eigen::MatrixXd& matrix) const override;
  [[nodiscard]] bool is_sparse() const override;
  void jacobian(Eigen::SparseMatrix<double>& matrix) const override;
  void rounding(Eigen::VectorXd& bound) const override;
  void parameter_derivative(Eigen::Index k, Eigen::VectorXd& derivative) override;

  /// What the family said last where it had no network; empty if it always had one.
  [[nodiscard]] const std::string& fault() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A branch of stationary states and the state it starts from.
struct StationaryBranch {
  Branch branch;           ///< rates [Hz]; BranchEnd::kNoStart when the start did not converge
  StationaryResult start;  ///< at options.lower, or options.upper with BranchDirection::kDecreasing
  std::string fault;  ///< why the family has no network where the branch stalled, if that is so
};

/// The branch through the state that solve_stationary() finds at the end of the interval from which
/// `options.direction` leads inwards (kBoth: as kIncreasing).
/// @throws std::invalid_argument for options out of range, ModelError when the family has no sound
/// network at the start. Never for the numerics.
[[nodiscard]] StationaryBranch continue_stationary(const MeanFieldFamily& family,
                                                   const ContinuationOptions& options,
                                                   const SolveOptions& solve = {},
                                                   const ContinuationControl& control = {});

/// Which branches continue_all_stationary() follows.
struct BranchSearch {
  bool all = false;  ///< one from every state that find_stationary_states() finds at the start
  bool switching = false;  ///< also those that leave at branch points, and so on from them
  int max_branches = 50;   ///< > 0
};

/// The same of a model over one of its parameters.
[[nodiscard]] StationaryBranch continue_stationary(const ModelFamily& family,
                                                   const ContinuationOptions& options,
                                                   const SolveOptions& solve = {},
                                                   const ContinuationControl& control = {});

/// All branches: the first from the state of continue_stationary(), then as `search` says, each
/// once (same_ends()). A branch that leaves another has no `start` of its own.
/// @throws as continue_stationary()
[[nodiscard]] std::vector<StationaryBranch> continue_all_stationary(
    const MeanFieldFamily& family, const ContinuationOptions& options, const BranchSearch& search,
    const SolveOptions& solve = {}, const ContinuationControl& control = {});
/// The same of a model over one of its parameters.
[[nodiscard]] std::vector<StationaryBranch> continue_all_stationary(
    const ModelFamily& family, const ContinuationOptions& options, const BranchSearch& search,
    const SolveOptions& solve = {}, const ContinuationControl& control = {});

/// @}
}  // namespace nuphi
