#pragma once

#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/models/mean_field.h>

#include <Eigen/Core>
#include <vector>

#include "support/csv.h"

namespace nuphi::test {

using namespace units;

/// The 100 neurons of tests/data/pairwise_*.csv, one entry of the mean field each.
inline MeanField pairwise_field(bool sparse = false) {
  constexpr int kNeurons = 100;
  const double tau = 20 * ms;
  const CsvTable table("pairwise_network.csv");
  DenseCoupling dense{Eigen::MatrixXd::Zero(kNeurons, kNeurons),
                      Eigen::MatrixXd::Zero(kNeurons, kNeurons)};
  for (std::size_t k = 0; k < table.size(); ++k) {
    const auto i = static_cast<Eigen::Index>(table.number(k, "row"));
    const auto j = static_cast<Eigen::Index>(table.number(k, "column"));
    const double J = table.number(k, "J");
    dense.mean(i, j) = tau * J;
    dense.variance(i, j) = tau * J * J;
  }
  MeanField field;
  field.names.assign(kNeurons, "neuron");
  field.neurons.assign(kNeurons, LifParameters{tau, 2 * ms, 15 * mV, 0, 1 * ms});
  if (sparse)
    field.coupling = SparseCoupling{dense.mean.sparseView(), dense.variance.sparseView()};
  else
    field.coupling = dense;
  const double J_E = 0.35 * mV, J_I = -1.75 * mV, rate_E = 25084.24 * Hz, rate_I = 5428.37 * Hz;
  const double current = 1 * pA, capacitance = 1 * pF;
  field.external_mean = Eigen::VectorXd::Constant(
      kNeurons, tau * (J_E * rate_E + J_I * rate_I) + tau * current / capacitance);
  field.external_variance =
      Eigen::VectorXd::Constant(kNeurons, tau * (J_E * J_E * rate_E + J_I * J_I * rate_I));
  return field;
}

inline Eigen::VectorXd column(const CsvTable& table, const char* name) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(table.size()));
  for (std::size_t k = 0; k < table.size(); ++k)
    values[static_cast<Eigen::Index>(k)] = table.number(k, name);
  return values;
}

}  // namespace nuphi::test
