#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/transfer_function.h>
#include <nuphi/models/kernel_coupling.h>
#include <nuphi/models/network.h>

#include <Eigen/SparseCore>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace NUPHI_PUBLIC nuphi {

/// Recurrent coupling μ = A ν + a, σ² = B ν + b. Row = target, column = source; A and B share one
/// pattern.
///   A_ij = τ_m,i K_ij J_ij [V s],  B_ij = τ_m,i K_ij J_ij² (1 + w_ij²) [V² s]
struct DenseCoupling {
  Eigen::MatrixXd mean;      ///< A, shape=(n, n)
  Eigen::MatrixXd variance;  ///< B, shape=(n, n)
};
struct SparseCoupling {
  Eigen::SparseMatrix<double, Eigen::RowMajor> mean;      ///< A
  Eigen::SparseMatrix<double, Eigen::RowMajor> variance;  ///< B
};

using Coupling = std::variant<DenseCoupling, SparseCoupling, KernelCoupling>;

/// A ν and B ν. For products in a loop with a KernelCoupling use a KernelProduct, which this sets
/// up anew each time.
struct CouplingProduct {
  Eigen::VectorXd mean;
  Eigen::VectorXd variance;
};
[[nodiscard]] CouplingProduct product(const Coupling& coupling, const Eigen::VectorXd& rates);

/// The matrices of a kernel.
/// @throws std::invalid_argument for more than 5000 populations: the matrices would be too large.
[[nodiscard]] DenseCoupling dense_coupling(const KernelCoupling& coupling);

/// Synapses of several time constants at one neuron. They act as one of the effective time constant
/// τ, g(τ) = q/σ² (effective_filter()), which moves with the rates:
///   q = Q ν + q₀,  Q_ij = B_ij g(τ_ij),  q₀_i = Σ_x b_ix g(τ_x),  g = filter_weight().
struct SynapticFilters {
  std::variant<Eigen::MatrixXd, Eigen::SparseMatrix<double, Eigen::RowMajor>>
      coupling;              ///< Q, stored as the coupling is, of B's pattern; shape=(n, n)
  Eigen::VectorXd external;  ///< q₀, size n
  std::vector<bool> mixed;  ///< neurons that have several; the rows of Q and q₀ of the others are 0
};

/// Numeric form of a network: all a solver needs to know. Everything downstream sees only this.
struct MeanField {
  std::vector<std::string> names;              ///< of the populations, size n
  std::vector<LifParameters> neurons;          ///< size n
  Correction correction = Correction::kShift;  ///< without effect where τ_syn = 0
  Coupling coupling;
  Eigen::VectorXd external_mean;      ///< a [V], size n
  Eigen::VectorXd external_variance;  ///< b [V²], size n, ≥ 0
  /// Only where synapses of one neuron differ in τ_syn and the correction minds. The tau_syn in
  /// `neurons` of those is without meaning but where they get no noise.
  std::optional<SynapticFilters> filters{};
  /// Rates as other functions of (μ, σ) than the LIF neuron's, for comparison and for mixed
  /// networks (LifTransfer is one of them): size n, and `neurons` may be empty; or empty. A binary
  /// unit j counts in the variance with B_ij m_j (1 − m_j). Stationary states only; not with
  /// `filters`, nor a binary unit with a KernelCoupling.
  std::vector<TransferFunction> transfer{};

  [[nodiscard]] Eigen::Index size() const { return external_mean.size(); }
  /// Whether neuron i has synapses of several time constants that matter.
  [[nodiscard]] bool is_mixed(std::size_t i) const { return filters && filters->mixed[i]; }
};

enum class CouplingStorage {
  kAuto,
  kDense,
  kSparse
};  ///< kAuto: sparse when that is smaller and n > 64

/// Network → MeanField.
///   μ_i = τ_m,i [Σ_j K_ij J_ij ν_j + Σ_x K_x J_x ν_x] + drive_i,   σ_i² = τ_m,i [Σ_j K_ij J_ij²
///   (1+w_ij²) ν_j + …]
/// @throws ModelError when validate(network) finds a fault.
[[nodiscard]] MeanField mean_field(const Network& network,
                                   CouplingStorage storage = CouplingStorage::kAuto);

/// The same field with matrices instead of a kernel; other fields are returned as they are.
/// @throws std::invalid_argument as dense_coupling() does.
[[nodiscard]] MeanField with_matrices(MeanField field);

/// q = Q ν + q₀ of a field with filters.
[[nodiscard]] Eigen::VectorXd filter_input(const MeanField& field, const Eigen::VectorXd& rates);

/// The neurons with the τ_syn that acts at the given rates.
[[nodiscard]] std::vector<LifParameters> effective_neurons(const MeanField& field,
                                                           const Eigen::VectorXd& rates);

/// @param what  that needs it, for the message
/// @throws std::invalid_argument where a population is no LIF neuron (`transfer`).
void require_lif(const MeanField& field, const char* what);
/// @throws std::invalid_argument as require_lif(), and where synapses of one neuron differ in
/// τ_syn.
void require_one_tau_syn(const MeanField& field, const char* what);

/// @throws std::invalid_argument when sizes disagree, a number is not finite, b < 0, B has a
/// negative entry or a neuron is invalid.
void check(const MeanField& field);

}  // namespace nuphi
