#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/models/find_population.h>
#include <nuphi/models/network.h>

#include <stdexcept>
#include <utility>

namespace nuphi {

int Network::index(std::string_view population) const {
  if (const auto found = find_population(*this, population)) return static_cast<int>(*found);
  std::vector<std::string_view> names;
  for (const Population& p : populations) names.push_back(p.name);
  throw std::invalid_argument(fmt::format("there is no population \"{}\"; there are: {}",
                                          population, fmt::join(names, ", ")));
}

namespace {

PopulationKind kind_of(const Eigen::MatrixXd& indegree, const Eigen::MatrixXd& weight,
                       Eigen::Index source) {
  const Eigen::ArrayXd sent = indegree.col(source).array() * weight.col(source).array();
  const bool excites = (sent > 0).any();
  const bool inhibits = (sent < 0).any();
  if (excites == inhibits) return PopulationKind::kUnspecified;
  return excites ? PopulationKind::kExcitatory : PopulationKind::kInhibitory;
}

}  // namespace

Network network_from_matrices(const std::vector<std::string>& names,
                              const std::vector<Neuron>& neurons, const Eigen::MatrixXd& indegree,
                              const Eigen::MatrixXd& weight, const std::optional<Delay>& delay,
                              std::vector<ExternalInput> inputs) {
  const auto n = static_cast<Eigen::Index>(names.size());
  const auto fits = [n](const Eigen::MatrixXd& m) { return m.rows() == n && m.cols() == n; };
  if (!fits(indegree) || !fits(weight))
    throw std::invalid_argument(
        fmt::format("network_from_matrices: {} names, but indegree is {} by {} and weight {} by {}",
                    n, indegree.rows(), indegree.cols(), weight.rows(), weight.cols()));
  if (neurons.size() != 1 && neurons.size() != names.size())
    throw std::invalid_argument(fmt::format(
        "network_from_matrices: {} names, but {} neurons: give one, or one a population", n,
        neurons.size()));
  Network network;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Neuron& neuron = neurons.size() == 1 ? neurons[0] : neurons[i];
    const auto source = static_cast<Eigen::Index>(i);
    network.populations.push_back({names[i], kind_of(indegree, weight, source), 0, neuron});
  }
  for (int target = 0; target < n; ++target) {
    for (int source = 0; source < n; ++source) {
      if (indegree(target, source) == 0) continue;
      network.projections.push_back({.source = source,
                                     .target = target,
                                     .indegree = indegree(target, source),
                                     .weight = weight(target, source),
                                     .delay = delay});
    }
  }
  network.inputs = std::move(inputs);
  return network;
}

}  // namespace nuphi
