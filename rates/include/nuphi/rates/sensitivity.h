#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/model_family.h>
#include <nuphi/models/network.h>
#include <nuphi/models/network_entries.h>
#include <nuphi/models/yaml.h>

#include <memory>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// How everything that Φ takes moves with a parameter p at fixed rates: ∂s/∂p and what moves the
/// node functions themselves. `neurons` may stay empty: no LIF neuron changes.
struct InputDerivative {
  Eigen::VectorXd mean;      ///< ∂μ/∂p = A_p ν + a_p [V per unit of p], size n
  Eigen::VectorXd variance;  ///< ∂σ²/∂p = B_p ν + b_p [V² per unit of p], size n
  /// ∂g/∂p of the effective τ_syn (node_function.h), whether q moves it or the neuron's own
  /// parameter does; size n, or 0: nothing does
  Eigen::VectorXd weight{};
  std::vector<LifPartials> neurons{};  ///< derivatives of the neurons' parameters, size n or 0
  /// ∂F/∂p of other transfer functions at fixed sums [Hz per unit of p]; size n, or 0
  Eigen::VectorXd other{};
};

/// Derivatives of stationary rates in one parameter, size n.
struct RateDerivative {
  Eigen::VectorXd rates;      ///< dν/dp [Hz per unit of p]
  Eigen::VectorXd log_rates;  ///< dln ν/dp; accurate where ν underflows
};

/// Derivatives of a stationary state, dν/dp = (1 − Φ_ν)⁻¹ Φ_p, by one factorisation of 1 − Φ_ν.
/// Forward for few parameters, adjoint for few outputs q(ν):
///   dq/dp = λ·Φ_p (+ the explicit ∂q/∂p),   λ = (1 − Φ_ν)⁻ᵀ ∂q/∂ν
/// At a fold the derivatives do not exist: singular() tells, results are then not finite or
/// meaningless.
class Sensitivity {
 public:
  /// @param field  the network
  /// @param rates  stationary rates ν of the field [Hz]; elsewhere the derivatives are those of the
  ///   linearised map
  /// @throws std::invalid_argument for a wrong size.
  Sensitivity(const MeanField& field, const Eigen::VectorXd& rates);
  Sensitivity(Sensitivity&&) noexcept;             ///< the other must not be used again
  Sensitivity& operator=(Sensitivity&&) noexcept;  ///< the other must not be used again
  ~Sensitivity();

  /// 1 − Φ_ν cannot be inverted to rounding.
  [[nodiscard]] bool singular() const;

  /// Φ_p: the direct effect of a parameter on each population's rate, the others' rates held.
  [[nodiscard]] Eigen::VectorXd direct(const InputDerivative& parameter) const;
  /// dν/dp = (1 − Φ_ν)⁻¹ Φ_p.
  [[nodiscard]] RateDerivative forward(const InputDerivative& parameter) const;
  /// λ for the gradient g = ∂q/∂ν of a scalar q(ν). shape=(n,)
  [[nodiscard]] Eigen::VectorXd adjoint(const Eigen::VectorXd& gradient) const;

  /// Φ_p of an entry of the network the field was made from: of the one population it touches.
  [[nodiscard]] double direct(const Network& network, const NetworkEntry& entry) const;
  /// dν/dp of each entry.
  [[nodiscard]] std::vector<RateDerivative> forward(const Network& network,
                                                    const std::vector<NetworkEntry>& entries) const;
  /// dq/dp of every entry by one adjoint solve. shape=(entries,)
  [[nodiscard]] Eigen::VectorXd gradient(const Network& network,
                                         const std::vector<NetworkEntry>& entries,
                                         const Eigen::VectorXd& dq_drates) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// ∂μ/∂p, ∂σ²/∂p and the neurons' derivatives in one parameter of a family, by
/// Richardson-extrapolated differences at fixed rates: error about 1e-12 of the size of μ, σ² and
/// the neurons' parameters per size of p. Beside a border of the model (a probability of 1, a rate
/// of 0) the differences are one-sided.
/// @param family  the model over its parameters
/// @param values  of all its parameters, SI
/// @param index   of the one that moves
/// @param rates   ν [Hz], held
/// @throws ModelError when the model is wrong on both sides of the value.
[[nodiscard]] InputDerivative input_derivative(const ModelFamily& family,
                                               const Eigen::VectorXd& values, Eigen::Index index,
                                               const Eigen::VectorXd& rates);

/// dν/dp of one parameter and what a table of them needs.
struct ParameterSensitivity {
  std::string name;            ///< of the parameter or entry
  std::string unit;            ///< SI unit of the parameter, "1" when dimensionless
  double value = 0;            ///< of the parameter, SI
  Eigen::VectorXd drate;       ///< dν/dp [Hz per unit]
  Eigen::VectorXd elasticity;  ///< dln ν/dln p = (p/ν) dν/dp; accurate where ν underflows
};

/// Of parameters of a model file, each varied alone: what is an expression of it in the file
/// follows. An empty list: all named parameters, in order of the file.
/// @param file   the model
/// @param fixed  values of parameters, in place of the file's
/// @param names  of those varied
/// @param rates  ν [Hz] of the model with `fixed` set
/// @throws as model_family() and input_derivative()
[[nodiscard]] std::vector<ParameterSensitivity> parameter_sensitivities(
    const ModelFile& file, const Overrides& fixed, std::vector<std::string> names,
    const Eigen::VectorXd& rates);

/// Of entries of a network, in closed form. An empty list: all of network_entries().
[[nodiscard]] std::vector<ParameterSensitivity> entry_sensitivities(
    const Network& network, const Eigen::VectorXd& rates, std::vector<NetworkEntry> entries = {});

/// @}
}  // namespace nuphi
