#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/node_function.h>
#include <nuphi/models/coupling.h>
#include <nuphi/models/network.h>

#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// What a population brings into a sum, f(ν). A binary unit of mean activity m fluctuates with
/// m(1 − m), a Poisson spike train with its rate.
enum class SourceFunction {
  kRate,            ///< f = ν
  kBinaryVariance,  ///< f = m(1 − m), m the mean activity
};

/// f(ν) and f'(ν).
struct SourceValue {
  double value = 0;  ///< f(ν)
  double slope = 1;  ///< f'(ν)
};
/// f and its slope at a rate [Hz], or at a mean activity.
[[nodiscard]] SourceValue source_value(SourceFunction function, double rate);

/// Numeric form of a network, all a solver needs to know: K linear forms and a node function for
/// each population, and with them one Jacobian (Gains, jacobian() in coupling.h).
///   s_k = L_k f_k(ν) + c_k,  ν_i = F_i(s_1 … s_K)
/// The sums of LIF neurons with current synapses are, τ = τ_m,
///   μ = A ν + a,   A_ij = τ_i K_ij J_ij [V s]
///   σ² = B ν + b,  B_ij = τ_i K_ij J_ij² (1 + w_ij²) [V² s]
/// and where synapses of one neuron differ in τ_syn also (node_function.h)
///   q = Q ν + q₀,  Q_ij = B_ij g(τ_ij),  q₀_i = Σ_x b_ix g(τ_x),  with 0 rows for the others.
struct MeanField {
  /// The sums of neurons, by their number.
  enum Sum : Eigen::Index {
    kMean,      ///< μ
    kVariance,  ///< σ²
    kFiltered,  ///< q
  };

  std::vector<std::string> names;   ///< of the populations, size n
  std::vector<NodeFunction> nodes;  ///< F_i, size n
  Coupling coupling;                ///< L_1 … L_K: A, B and Q
  Eigen::MatrixXd external;         ///< c_k: a [V], b [V²] ≥ 0 and q₀ ≥ 0; shape=(n, K)
  /// f of each population for the variance; empty where all are ν. Not with a KernelCoupling.
  std::vector<SourceFunction> variance_sources{};

  [[nodiscard]] Eigen::Index size() const { return external.rows(); }  ///< n
  [[nodiscard]] Eigen::Index sums() const { return external.cols(); }  ///< K
  [[nodiscard]] auto external_mean() { return external.col(kMean); }   ///< a [V], to be changed
  [[nodiscard]] auto external_mean() const { return external.col(kMean); }  ///< a [V]
  /// b [V²], to be changed.
  [[nodiscard]] auto external_variance() { return external.col(kVariance); }
  /// b [V²].
  [[nodiscard]] auto external_variance() const { return external.col(kVariance); }
  /// The neuron of population i.
  /// @throws std::invalid_argument where population i is no LIF neuron.
  [[nodiscard]] const LifTransfer& lif(Eigen::Index i) const;
  /// The same, to be changed.
  [[nodiscard]] LifTransfer& lif(Eigen::Index i);
  /// The sums of population i out of those of all, shape=(n, K).
  [[nodiscard]] static NodeInput input(const Eigen::MatrixXd& sums, Eigen::Index i) {
    return {sums(i, kMean), sums(i, kVariance), sums.cols() > kFiltered ? sums(i, kFiltered) : 0};
  }
};

/// How mean_field() stores the couplings.
enum class CouplingStorage {
  kAuto,    ///< sparse when that is smaller and n > 64
  kDense,   ///< matrices with all n² entries
  kSparse,  ///< matrices with an entry for each projection
};

/// Network → MeanField.
///   μ_i = τ_m,i [Σ_j K_ij J_ij ν_j + Σ_x K_x J_x ν_x] + drive_i
///   σ_i² = τ_m,i [Σ_j K_ij J_ij² (1 + w_ij²) ν_j + …]
/// @throws ModelError when validate(network) finds a fault.
[[nodiscard]] MeanField mean_field(const Network& network,
                                   CouplingStorage storage = CouplingStorage::kAuto);

/// s at given rates, all external input included, shape=(n, K).
[[nodiscard]] Eigen::MatrixXd sums_at(const MeanField& field, const Eigen::VectorXd& rates);

/// f_k(ν) of each population, shape=(n, K), or ν alone, shape=(n, 1), where all are ν.
[[nodiscard]] Eigen::MatrixXd source_values(const MeanField& field, const Eigen::VectorXd& rates);
/// f_k'(ν), shape=(n, K); empty where all are 1.
[[nodiscard]] Eigen::MatrixXd source_slopes(const MeanField& field, const Eigen::VectorXd& rates);

/// The neurons with the τ_syn that acts at the given rates.
/// @throws std::invalid_argument where a population is no LIF neuron.
[[nodiscard]] std::vector<LifParameters> effective_neurons(const MeanField& field,
                                                           const Eigen::VectorXd& rates);

/// The correction that all LIF neurons of a field share; kNone where there are none.
[[nodiscard]] Correction correction_of(const MeanField& field);
/// Every population is of LIF neurons.
[[nodiscard]] bool all_lif(const MeanField& field);
/// Whether there are LIF neurons whose synapses of several time constants matter.
[[nodiscard]] bool has_several_tau_syn(const MeanField& field);

/// Refuses other transfer functions on behalf of what has no formula for them.
/// @param field  the field in question
/// @param what   that needs it, for the message
/// @throws std::invalid_argument where a population is no LIF neuron, with the name of what it is.
void require_lif(const MeanField& field, const char* what);
/// The same, and for neurons of one synaptic time constant only.
/// @throws std::invalid_argument as require_lif(), and where synapses of one neuron differ in τ_syn
void require_one_tau_syn(const MeanField& field, const char* what);

/// Accepts a field that a solver can work on.
/// @throws std::invalid_argument when sizes disagree, a number is not finite, b < 0, B has a
///   negative entry or a neuron is invalid
void check(const MeanField& field);

/// @}
}  // namespace nuphi
