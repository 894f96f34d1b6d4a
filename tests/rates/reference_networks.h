#pragma once

#include <nuphi/models/mean_field.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace nuphi::test {

/// The multi-area networks of the reference folder: published data that is not part of this
/// project.
inline nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

/// 254 populations with exponential synapses from `inputs` of multi_area_*.json.
inline MeanField multi_area_field(const nlohmann::json& inputs) {
  const auto names = inputs.at("populations").get<std::vector<std::string>>();
  const auto n = static_cast<Eigen::Index>(names.size());
  const double tau = inputs.at("tau_m");
  const LifParameters neuron{.tau_m = tau,
                             .t_ref = inputs.at("tau_r"),
                             .V_th = inputs.at("V_th_rel"),
                             .V_reset = inputs.at("V_0_rel"),
                             .tau_syn = inputs.at("tau_s")};
  const auto& K = inputs.at("K_csr");
  const auto J = inputs.at("J_V_on_K_pattern").get<std::vector<double>>();
  std::vector<Eigen::Triplet<double>> mean, variance;
  for (Eigen::Index i = 0; i < n; ++i) {
    for (int k = K.at("row_ptr")[i]; k < K.at("row_ptr")[i + 1]; ++k) {
      const double indegree = K.at("val")[k];
      const double weight = J[static_cast<std::size_t>(k)];
      const auto j = K.at("col")[k].get<Eigen::Index>();
      mean.emplace_back(i, j, tau * indegree * weight);
      variance.emplace_back(i, j, tau * indegree * weight * weight);
    }
  }
  SparseRows A(n, n), B(n, n);
  A.setFromTriplets(mean.begin(), mean.end());
  B.setFromTriplets(variance.begin(), variance.end());

  MeanField field;
  field.names = names;
  field.nodes.assign(static_cast<std::size_t>(n), LifTransfer{neuron, Correction::kShift});
  field.coupling = Coupling::sparse({A, B});
  field.external.resize(n, 2);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double rate = inputs.at("K_ext")[i].get<double>() * inputs.at("nu_ext_Hz").get<double>();
    const double weight = inputs.at("J_ext_V")[i];
    field.external_mean()[i] = tau * rate * weight;
    field.external_variance()[i] = tau * rate * weight * weight;
  }
  return field;
}

}  // namespace nuphi::test
