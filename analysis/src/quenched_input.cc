#include "quenched_input.h"

namespace nuphi::detail {
namespace {

/// Moments E[J^k]/J^k of a normal weight with relative s.d. w.
struct WeightMoments {
  double second, third, fourth;

  explicit WeightMoments(double w)
      : second(1 + w * w), third(1 + 3 * w * w), fourth(1 + 6 * w * w + 3 * w * w * w * w) {}
};

/// Share of ⟨ν²⟩ and of ⟨ν⟩² that the count of synapses takes off the variance.
struct CountStatistics {
  double square = 0;
  double mean = 0;
};

CountStatistics count_statistics(const Projection& projection, const Network& network) {
  if (projection.indegree_distribution == IndegreeDistribution::kPoisson) return {};
  if (projection.indegree_distribution == IndegreeDistribution::kFixed) return {0, 1};
  // validate(), through mean_field(), has seen to a size not below the in-degree.
  const double size = network.populations[static_cast<std::size_t>(projection.source)].size;
  return {projection.indegree / size, 0};
}

void add(QuenchedMoment& moment, const Projection& p, double scale, double second, double product,
         const CountStatistics& count) {
  moment.by_square(p.target, p.source) += scale * (second - count.square * product);
  moment.by_mean(p.target, p.source) += scale * count.mean * product;
}

void add_projection(QuenchedInput& input, const Projection& p, const Network& network) {
  const double tau = input.field.lif(p.target).neuron.tau_m, J = p.weight;
  const double K = tau * tau * p.indegree;
  const WeightMoments m(p.weight_cv);
  const CountStatistics count = count_statistics(p, network);
  add(input.mean, p, K * J * J, m.second, 1, count);
  add(input.mixed, p, K * J * J * J, m.third, m.second, count);
  add(input.variance, p, K * J * J * J * J, m.fourth, m.second * m.second, count);
}

void add_external(QuenchedInput& input, const ExternalInput& external) {
  const auto* poisson = std::get_if<PoissonInput>(&external.source);
  if (poisson == nullptr || poisson->weight_cv == 0) return;
  const double tau = input.field.lif(external.target).neuron.tau_m;
  const double J = poisson->weight;
  const double K = tau * tau * poisson->indegree * poisson->rate * poisson->rate;
  const WeightMoments m(poisson->weight_cv);
  input.mean.external[external.target] += K * J * J * (m.second - 1);
  input.mixed.external[external.target] += K * J * J * J * (m.third - m.second);
  input.variance.external[external.target] += K * J * J * J * J * (m.fourth - m.second * m.second);
}

}  // namespace

QuenchedInput quenched_input(const Network& network) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  QuenchedInput input{mean_field(network, CouplingStorage::kDense), QuenchedMoment(n),
                      QuenchedMoment(n), QuenchedMoment(n)};
  for (const Projection& p : network.projections) add_projection(input, p, network);
  for (const ExternalInput& external : network.inputs) add_external(input, external);
  return input;
}

}  // namespace nuphi::detail
