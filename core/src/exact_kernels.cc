#include "exact_kernels.h"

#include <algorithm>
#include <cmath>

#include "exact_gaussians.h"

namespace nuphi::detail {
namespace {

constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;

}  // namespace

ExactProblem exact_problem(const ColouredNeuron<double>& neuron, const ExactGrid& grid) {
  ExactProblem p{
      .neuron = neuron, .mesh = velocity_mesh(neuron, grid), .threshold = {}, .reset = {}};
  p.threshold = threshold_times(neuron, p.mesh, grid);
  p.reset = reset_times(neuron, p.mesh, p.threshold, grid);
  return p;
}

double probability_above(const ColouredNeuron<double>& n) {
  return 0.5 * std::erfc(n.y_t * std::sqrt(1 + n.k * n.k));
}

Kernel kernel(const ExactProblem& p, Start start) {
  const TimeGrid& grid = times(p, start);
  const double first = start == Start::kThreshold ? grid.before() : 0;  // Q = 1 at once
  Kernel k;
  k.duration = grid.before();
  k.density = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(p.mesh.u.size()), p.mesh.size);
  k.above = Eigen::VectorXd::Constant(p.mesh.size, first);
  Eigen::VectorXd beyond = Eigen::VectorXd::Zero(p.mesh.size + 1);
  double t = grid.first;
  for (int s = 0; s < grid.size; ++s, t *= grid.ratio) {
    Gaussians g(crossing(p.neuron, start, t));
    const Active active(g, p.mesh);
    const double dt = t * grid.step;
    g.weight *= dt;
    k.duration += dt;
    beyond[active.end] += dt;
    for (Eigen::Index j = active.begin; j < active.end; ++j) {
      const double u = p.mesh.u[static_cast<std::size_t>(j)], d = g.c.distance(u);
      add_gaussian(g.row(u, d), p.mesh.u.data(), p.mesh.u.size(), k.density.col(j).data());
      k.above[j] += dt * g.above(d);
    }
  }
  const double stationary = probability_above(p.neuron) * k.duration;
  double sum = 0;
  for (Eigen::Index j = 0; j < p.mesh.size; ++j) {
    sum += beyond[j];
    k.above[j] += sum - stationary;
  }
  k.density.conservativeResize(p.mesh.size, Eigen::NoChange);
  return k;
}

DelayKernel delay_kernel(const ExactProblem& p, Start start, const Eigen::VectorXd& flux) {
  const TimeGrid& grid = times(p, start);
  const double stationary = probability_above(p.neuron);
  const double first = start == Start::kThreshold ? 1 : 0;
  Eigen::VectorXd behind =
      Eigen::VectorXd::Zero(p.mesh.size + 1);  // flux of all starts j, j + 1, …
  for (Eigen::Index j = p.mesh.size - 1; j >= 0; --j) behind[j] = behind[j + 1] + flux[j];
  DelayKernel k;
  k.duration = grid.before_moment();
  k.above = k.duration * (first - stationary);
  k.density = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p.mesh.u.size()));
  double t = grid.first;
  for (int s = 0; s < grid.size; ++s, t *= grid.ratio) {
    const Gaussians g(crossing(p.neuron, start, t));
    const Active active(g, p.mesh);
    const double dt = t * t * grid.step;
    k.duration += dt;
    double above = behind[active.end];
    for (Eigen::Index j = active.begin; j < active.end; ++j) {
      const double u = p.mesh.u[static_cast<std::size_t>(j)], d = g.c.distance(u);
      GaussianRow row = g.row(u, d);
      row.weight *= dt * flux[j];
      add_gaussian(row, p.mesh.u.data(), p.mesh.u.size(), k.density.data());
      above += flux[j] * g.above(d);
    }
    k.above += dt * (above - stationary);
  }
  k.density.conservativeResize(p.mesh.size);
  return k;
}

namespace {

/// ½ ∂ ln and the like of one time: sums over the starts, to be multiplied by the partials of the
/// crossing law.
struct GradientSums {
  double zero = 0, zero_d = 0, zero_dd = 0, zero_du = 0;  // of M₀, with powers of d and u
  double one = 0, one_u = 0, one_d = 0;                   // of M₁
  double two = 0;                                         // of M₂
  double above = 0, above_u = 0, above_d = 0;             // of −∂Q/∂d, with powers

  /// ∂[Σ flux ∫∫ l G + m Σ flux Q] at this time.
  [[nodiscard]] double partial(const Crossing<Dual>& c, std::size_t i) const {
    const double xx = c.xx.value, uu = c.uu.value, slope = c.slope.value;
    const double d_xx = c.xx.partial[i] / xx, d_uu = c.uu.partial[i] / uu;
    const double d0 = c.distance_0.partial[i], d1 = c.distance_1.partial[i];
    double sum = -0.5 * (d_xx + d_uu) * zero;
    sum += 0.5 * d_xx / xx * zero_dd - (d0 * zero_d + d1 * zero_du) / xx;
    const double c0 = c.centre_0.partial[i] + slope * d0, c1 = c.centre_1.partial[i] + slope * d1;
    sum += (c0 * one + c1 * one_u + c.slope.partial[i] * one_d) / uu;
    sum += 0.5 * d_uu / uu * two;
    return sum - (d0 * above + d1 * above_u - 0.5 * d_xx * above_d);
  }
};

}  // namespace

std::array<double, Dual::kSize> kernel_gradient(const ExactProblem& p, Start start,
                                                const Eigen::VectorXd& l,
                                                const Eigen::VectorXd& flux, double m) {
  const TimeGrid& grid = times(p, start);
  ColouredNeuron<Dual> n;
  n.y_t = Dual::parameter(p.neuron.y_t, 0);
  n.y_r = Dual::parameter(p.neuron.y_r, 1);
  n.k = Dual::parameter(p.neuron.k, 2);
  n.X = Dual::parameter(p.neuron.X, 3);
  n.fresh = Dual(p.neuron.fresh);
  n.fresh.partial[3] = -2 * p.neuron.X;
  Eigen::VectorXd padded = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p.mesh.u.size()));
  padded.head(l.size()) = l;
  std::array<double, Dual::kSize> gradient{};
  double t = grid.first;
  for (int s = 0; s < grid.size; ++s, t *= grid.ratio) {
    const Gaussians g(crossing(p.neuron, start, t));
    const Active active(g, p.mesh);
    if (active.begin == active.end) continue;
    GradientSums sums;
    const double density = m * kInverseSqrtTwoPi / std::sqrt(g.c.xx);
    for (Eigen::Index j = active.begin; j < active.end; ++j) {
      const double u = p.mesh.u[static_cast<std::size_t>(j)], d = g.c.distance(u);
      const GaussianRow row = g.row(u, d);
      const GaussianMoments e =
          gaussian_moments(row, p.mesh.u.data(), padded.data(), p.mesh.u.size());
      const double f = flux[j];
      sums.zero += f * e.zero;
      sums.zero_d += f * e.zero * d;
      sums.zero_dd += f * e.zero * d * d;
      sums.zero_du += f * e.zero * d * u;
      sums.one += f * e.one;
      sums.one_u += f * e.one * u;
      sums.one_d += f * e.one * d;
      sums.two += f * e.two;
      const double q = f * density * std::exp(-row.exponent);
      sums.above += q;
      sums.above_u += q * u;
      sums.above_d += q * d;
    }
    const Crossing<Dual> c = crossing(n, start, t);
    for (std::size_t i = 0; i < gradient.size(); ++i)
      gradient[i] += t * grid.step * sums.partial(c, i);
  }
  return gradient;
}

}  // namespace nuphi::detail
