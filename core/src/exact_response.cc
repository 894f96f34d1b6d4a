#include <nuphi/core/exact_response.h>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "exact_domain.h"
#include "exact_modulation.h"
#include "exact_solve.h"
#include "siegert_evaluate.h"

namespace nuphi {
namespace {
using detail::Complex, detail::kModulations;
using Eigen::VectorXcd, Eigen::MatrixXcd;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Whether the equation is solved at this point.
bool has_equation(double mu, double sigma, const LifParameters& p) {
  const double ratio = p.tau_syn / p.tau_m;
  if (!detail::in_domain(mu, sigma, p) || !(sigma > 0) || !(ratio >= detail::kFastest))
    return false;
  const detail::ColouredNeuron<double> n = detail::dimensionless(mu, sigma, p);
  return ratio <= detail::kSlowest && !detail::is_adiabatic(n) && n.y_t <= detail::kSilent &&
         n.y_t >= -detail::kNoiseless && n.y_t - n.y_r > detail::kShortest;
}

/// (e^{−iΩρ} − 1)/(iΩ): what the mass that waits for its release takes from the others.
Complex waiting(double omega, double refractory) {
  const double half = 0.5 * omega * refractory;
  const double sinc = std::abs(half) < 1e-8 ? 1 : std::sin(half) / half;
  return -refractory * sinc * std::polar(1.0, -half);
}

/// δν/ν of each modulation of unit size.
using Relative = std::array<Complex, kModulations>;

Relative relative_response(const detail::PassageSolution& s, double omega, double refractory) {
  using detail::Start;
  const auto threshold =
      modulated_kernel(s.problem, Start::kThreshold, omega, refractory, s.spikes);
  const auto reset = modulated_kernel(s.problem, Start::kReset, omega, refractory, s.spikes);
  const detail::ModulatedStationary stationary = modulated_stationary(s.problem, omega);
  const detail::ColouredNeuron<double>& n = s.problem.neuron;
  const Complex delay = std::polar(1.0, -omega * refractory), wait = waiting(omega, refractory);
  const double shrink = std::exp(-s.barrier);
  const VectorXcd p = (shrink * s.density).cast<Complex>();

  MatrixXcd a = threshold.density - delay * reset.density;
  a.colwise() -= wait * p;
  VectorXcd dwell = threshold.above - delay * reset.above;
  dwell.array() -= wait * detail::probability_above(n);
  a += s.spread * dwell.transpose();
  a *= s.flux.cast<Complex>().asDiagonal();
  a.diagonal().array() += 1.0;
  const Eigen::PartialPivLU<MatrixXcd> lu(a);

  const double stiffness = 1 + n.k * n.k;
  const double edge =
      std::exp(s.barrier - n.y_t * n.y_t * stiffness) * std::sqrt(stiffness / std::numbers::pi);
  Relative r;
  for (std::size_t m = 0; m < kModulations; ++m) {
    VectorXcd rhs =
        s.density.cwiseProduct(stationary.density[m]) + reset.driven[m] - threshold.driven[m];
    const Complex above =
        edge * stationary.above[m] + reset.driven_above[m] - threshold.driven_above[m];
    rhs += above * s.spread;
    r[m] = s.flux.cast<Complex>().cwiseProduct(lu.solve(rhs)).sum() / s.spikes.sum();
  }
  return r;
}

}  // namespace

std::vector<ExactResponse> exact_response(double mu, double sigma, const LifParameters& neuron,
                                          std::span<const double> omega,
                                          ExactResolution resolution) {
  std::vector<ExactResponse> all(omega.size(), {{kNaN, kNaN}, {kNaN, kNaN}});
  double highest = 0;
  for (const double w : omega)
    if (std::isfinite(w)) highest = std::max(highest, w);
  if (!has_equation(mu, sigma, neuron)) return all;
  const detail::ColouredNeuron<double> n = detail::dimensionless(mu, sigma, neuron);
  detail::ExactGrid grid = detail::grid_of(resolution);
  grid.step = std::min(grid.step, detail::modulated_step(n, highest * neuron.tau_m));
  const detail::PassageSolution solution = detail::passage_solution(n, grid);
  const double refractory = neuron.t_ref / neuron.tau_m;
  const double time = std::exp(solution.barrier) / solution.spikes.sum();  // T
  const double rate = 1 / (neuron.t_ref + neuron.tau_m * time);
  for (std::size_t k = 0; k < omega.size(); ++k) {
    if (!(omega[k] >= 0) || !std::isfinite(omega[k])) continue;
    const Relative r = relative_response(solution, omega[k] * neuron.tau_m, refractory);
    const Complex filter(1, 0.5 * omega[k] * neuron.tau_syn);
    all[k] = {rate / sigma * r[detail::kOfMean],
              rate / (sigma * sigma) * filter * r[detail::kOfVariance]};
  }
  return all;
}

}  // namespace nuphi
