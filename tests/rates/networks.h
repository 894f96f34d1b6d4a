#pragma once

#include <nuphi/core/units.h>
#include <nuphi/models/mean_field.h>

#include <cmath>
#include <initializer_list>
#include <utility>
#include <vector>

namespace nuphi::test {

using namespace units;

/// A dense mean field from in-degrees and weights [V], row = target.
inline MeanField dense_field(const std::vector<LifParameters>& neurons,
                             const Eigen::MatrixXd& indegrees, const Eigen::MatrixXd& weights,
                             const Eigen::VectorXd& mean, const Eigen::VectorXd& variance) {
  const Eigen::Index n = mean.size();
  MeanField field;
  field.nodes = lif_nodes(neurons);
  Eigen::VectorXd tau(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    field.names.push_back(std::to_string(i));
    tau[i] = neurons[static_cast<std::size_t>(i)].tau_m;
  }
  const Eigen::MatrixXd drive = indegrees.cwiseProduct(weights);
  field.coupling =
      Coupling::dense({tau.asDiagonal() * drive, tau.asDiagonal() * drive.cwiseProduct(weights)});
  field.external.resize(n, 2);
  field.external << mean, variance;
  return field;
}

/// Brunel (2000), model A: two identical populations.
inline MeanField brunel2000_field(double g, double eta) {
  const double J = 0.1 * mV, C_E = 1000, tau = 20 * ms, theta = 20 * mV;
  const double external = eta * theta / (C_E * J * tau);
  const LifParameters neuron{tau, 2 * ms, theta, 10 * mV, 0};
  Eigen::MatrixXd K(2, 2), W(2, 2);
  K << C_E, C_E / 4, C_E, C_E / 4;
  W << J, -g * J, J, -g * J;
  return dense_field({neuron, neuron}, K, W, Eigen::VectorXd::Constant(2, tau * C_E * J * external),
                     Eigen::VectorXd::Constant(2, tau * C_E * J * J * external));
}

/// Two populations that inhibit each other (examples/models/bistable.yaml): three fixed points.
inline MeanField bistable_field(double drive = 19 * mV) {
  const LifParameters neuron{20 * ms, 2 * ms, 20 * mV, 10 * mV, 0};
  Eigen::MatrixXd K(2, 2), W(2, 2);
  K << 0, 400, 400, 0;
  W << 0, -0.06 * mV, -0.06 * mV, 0;
  return dense_field({neuron, neuron}, K, W, Eigen::Vector2d(drive, 18.5 * mV),
                     Eigen::VectorXd::Constant(2, 6 * mV * 6 * mV));
}

/// examples/models/three_states.yaml: silent, a saddle, and a high state that repels the flow.
inline MeanField three_states_field(double nu_E = 4.6 * Hz) {
  const LifParameters slow{20 * ms, 2 * ms, 20 * mV, 10 * mV, 0};
  const LifParameters fast{10 * ms, 2 * ms, 20 * mV, 10 * mV, 0};
  Eigen::MatrixXd K(2, 2), W(2, 2);
  K << 800, 200, 800, 200;
  W << 0.20 * mV, -1.30 * mV, 0.12 * mV, -0.60 * mV;
  const double J = 0.2 * mV, external = 800;
  const Eigen::Vector2d drive(20 * ms * external * nu_E, 10 * ms * external * 4 * Hz);
  return dense_field({slow, fast}, K, W, drive * J, drive * J * J);
}

}  // namespace nuphi::test
