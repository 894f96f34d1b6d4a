#pragma once

#include <string_view>

#include "random_networks.h"

namespace nuphi::test {

using namespace units;

/// Random networks that tend to have several stationary states.
enum class Multistable {
  kExcitatory,     ///< strong excitation within populations, weaker between them
  kClustered,      ///< populations of one kind with one weight within and one between, a common
                   ///< inhibition
  kWinnerTakeAll,  ///< excitation within, inhibition between populations
  kRandom,         ///< sparse, strong, of either sign
  kAreas,          ///< areas of an excitatory and an inhibitory population, weakly coupled
};
inline constexpr std::array<std::string_view, 5> kMultistableNames = {
    "excitatory", "clustered", "winner-take-all", "random", "areas"};
inline constexpr int kMultistableKinds = static_cast<int>(kMultistableNames.size());

struct MultistableNetwork {
  Eigen::MatrixXd indegrees, weights;
  Eigen::VectorXd mean, sigma;
};

/// In-degree and weight of a synapse group that gives `drive` [V] of mean input at 10 Hz.
inline void connect(MultistableNetwork& net, Eigen::Index i, Eigen::Index j, double drive,
                    double tau, Dice& dice) {
  const double indegree = std::round(dice.decades(20, 1000));
  net.indegrees(i, j) = indegree;
  net.weights(i, j) = drive / (indegree * tau * 10 * Hz);
}

/// 2–6 populations, `index` chooses kind and numbers; lif_delta or lif_exp neurons.
inline MeanField multistable_field(std::uint64_t index, std::uint64_t seed = 0) {
  const auto kind = static_cast<Multistable>(index % kMultistableKinds);
  Dice dice(0x57a7e500 + index * 1000003 + seed * 0x9e3779b97f4a7c15);
  auto n = static_cast<Eigen::Index>(dice.uniform(2, 6.999));
  if (kind == Multistable::kAreas) n = 2 * static_cast<Eigen::Index>(dice.uniform(1, 3.999));
  LifParameters neuron{.tau_m = dice.decades(8, 30) * ms,
                       .t_ref = dice.decades(1, 5) * ms,
                       .V_th = 20 * mV,
                       .V_reset = dice.uniform(0, 15) * mV};
  if (dice.chance(0.5)) neuron.tau_syn = dice.decades(0.3, 5) * ms;
  const double tau = neuron.tau_m;
  MultistableNetwork net{Eigen::MatrixXd::Zero(n, n), Eigen::MatrixXd::Zero(n, n),
                         Eigen::VectorXd(n), Eigen::VectorXd(n)};
  const double self = dice.decades(2, 20) * mV;
  const double between = self * dice.decades(0.02, 0.6);
  const double inhibition = -self * dice.decades(0.1, 2);
  const double spread = dice.chance(0.3) ? 1 : dice.decades(1, 2);
  const auto around = [&](double value) {
    return spread > 1 ? value * dice.decades(1 / spread, spread) : value;
  };
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) {
      switch (kind) {
        case Multistable::kExcitatory:
          connect(net, i, j, around(i == j ? self : between), tau, dice);
          break;
        case Multistable::kClustered:
          connect(net, i, j, around(j == n - 1 ? inhibition : i == j ? self : between), tau, dice);
          break;
        case Multistable::kWinnerTakeAll:
          connect(net, i, j, around(i == j ? self : inhibition), tau, dice);
          break;
        case Multistable::kRandom:
          if (dice.chance(0.6))
            connect(net, i, j, around(dice.chance(0.7) ? self : inhibition), tau, dice);
          break;
        case Multistable::kAreas:
          if (i / 2 == j / 2 || dice.chance(0.3)) {
            const double part = i / 2 == j / 2 ? 1 : 0.2;
            connect(net, i, j, around(part * (j % 2 == 0 ? self : 1.5 * inhibition)), tau, dice);
          }
          break;
      }
    }
  }
  const double drive = dice.uniform(2, 19) * mV;
  const double noise = dice.decades(1, 6) * mV;
  for (Eigen::Index i = 0; i < n; ++i) {
    net.mean[i] = spread > 1 ? drive + dice.uniform(-3, 3) * mV : drive;
    net.sigma[i] = around(noise);
  }
  return dense_field(std::vector<LifParameters>(static_cast<std::size_t>(n), neuron), net.indegrees,
                     net.weights, net.mean, net.sigma.cwiseAbs2());
}

}  // namespace nuphi::test
