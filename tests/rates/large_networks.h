#pragma once

#include <nuphi/core/units.h>
#include <nuphi/models/mean_field.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace nuphi::test {

using namespace units;

/// Excitatory and inhibitory populations of the neurons of Brunel (2000), each driven by Poisson
/// input whose rate differs from one to the next by up to a tenth.
inline MeanField large_field(Eigen::Index excitatory, Eigen::Index inhibitory,
                             std::mt19937_64& random) {
  const double J = 0.1 * mV, tau = 20 * ms, theta = 20 * mV;
  const Eigen::Index n = excitatory + inhibitory;
  MeanField field;
  field.names.assign(static_cast<std::size_t>(n), "");
  for (Eigen::Index i = 0; i < n; ++i) {
    field.names[static_cast<std::size_t>(i)] = std::to_string(i);
  }
  const LifParameters neuron{tau, 2 * ms, theta, 10 * mV, 0};
  field.nodes.assign(static_cast<std::size_t>(n), LifTransfer{neuron});
  std::uniform_real_distribution<double> spread(0.9, 1.1);
  field.external.resize(n, 2);
  for (double& mean : field.external_mean()) mean = 2 * theta * spread(random);
  field.external_variance() = J * field.external_mean();
  return field;
}

/// Every population receives from 80 excitatory and 20 inhibitory ones drawn at random: 3 synapses
/// of 0.1 mV from each of the former and 3 of −0.6 mV from each of the latter, give or take a half.
inline MeanField random_large_field(Eigen::Index n, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  const Eigen::Index excitatory = 4 * n / 5;
  MeanField field = large_field(excitatory, n - excitatory, random);
  std::uniform_real_distribution<double> spread(0.5, 1.5);
  const double J = 0.1 * mV, g = 6, tau = 20 * ms;
  SparseRows A(n, n), B(n, n);
  std::vector<std::pair<Eigen::Index, double>> row;
  for (SparseRows* matrix : {&A, &B}) matrix->reserve(100 * n);
  for (Eigen::Index i = 0; i < n; ++i) {
    row.clear();
    const auto draw = [&](Eigen::Index first, Eigen::Index count, int sources, double weight) {
      std::uniform_int_distribution<Eigen::Index> source(first, first + count - 1);
      for (int k = 0; k < sources; ++k) {
        row.emplace_back(source(random), 3 * spread(random) * weight);
      }
    };
    draw(0, excitatory, 80, J);
    draw(excitatory, n - excitatory, 20, -g * J);
    std::sort(row.begin(), row.end(), [](auto& a, auto& b) { return a.first < b.first; });
    A.startVec(i);
    B.startVec(i);
    for (std::size_t k = 0; k < row.size();) {
      const auto [j, first] = row[k];
      double sum = 0;
      for (; k < row.size() && row[k].first == j; ++k) sum += row[k].second;
      A.insertBack(i, j) = tau * sum;
      B.insertBack(i, j) = tau * sum * (j < excitatory ? J : -g * J);
    }
  }
  A.finalize();
  B.finalize();
  field.coupling = Coupling::sparse({std::move(A), std::move(B)});
  return field;
}

/// An excitatory and an inhibitory population at every place; in-degrees of 800 and 200 fall off
/// with distance as Gaussians of 5 and 3 % of the side, kept positive by a uniform tenth.
inline MeanField kernel_field(PeriodicGrid grid, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  const Eigen::Index places = grid.places();
  MeanField field = large_field(places, places, random);
  const double J = 0.1 * mV, g = 5, tau = 20 * ms;
  const auto profile = [&](double width) {
    Eigen::VectorXd p(places);
    for (Eigen::Index r = 0; r < places; ++r) {
      const auto turn = [](Eigen::Index i, Eigen::Index side) {
        const double x = static_cast<double>(i) / static_cast<double>(side);
        return std::min(x, 1 - x);
      };
      const double square = std::pow(turn(r % grid.width, grid.width), 2) +
                            std::pow(turn(r / grid.width, grid.height), 2);
      p[r] = std::exp(-square / (2 * width * width));
    }
    p *= 0.9 / p.sum();
    p.array() += 0.1 / static_cast<double>(places);
    return p;
  };
  KernelCoupling coupling{.grid = grid, .types = 2, .kernels = {}};
  const Eigen::VectorXd wide = profile(0.05), narrow = profile(0.03);
  for (int target = 0; target < 2; ++target) {
    coupling.kernels.push_back({tau * 800 * J * wide, tau * 800 * J * J * wide});
    coupling.kernels.push_back({-tau * 200 * g * J * narrow, tau * 200 * g * J * g * J * narrow});
  }
  field.coupling = std::move(coupling);
  return field;
}

}  // namespace nuphi::test
