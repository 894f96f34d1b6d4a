#include "exact_modulation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "exact_gaussians.h"

namespace nuphi::detail {
namespace {

constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;

/// Change of the law of (x, w) for a modulation: of its means, and of its covariance.
struct Change {
  Complex x, w, xx, xw, ww;
};
using Changes = std::array<Change, kModulations>;

/// ∫₀ᵀ e^{−as} ds
Complex decayed(Complex a, double length) {
  const Complex z = a * length;
  if (std::abs(z) < 1e-3) return length * (1.0 - z * (0.5 - z * (1.0 / 6 - z / 24.0)));
  return (1.0 - std::exp(-z)) / a;
}

/// With R = (a(s), e^{−λs}) the answer to a kick of the current: ∫₀ᵗ R e^{−iΩs} ds and
/// 2λ∫₀ᵗ RRᵀ e^{−iΩs} ds, the displacement and the covariance that a modulation of unit size leaves
/// at its phase at time t. Followed from time to time.
class Answer {
 public:
  Answer(const ColouredNeuron<double>& n, double omega)
      : kappa_(n.kappa()),
        lambda_(n.lambda()),
        omega_(omega),
        drive_((lambda_ + Complex(0, omega)) / kappa_) {}

  void advance(double to) {
    const double half = 0.5 * (to - t_), middle = 0.5 * (to + t_);
    for (std::size_t i = 0; i < 2 * transition::kNodes.size(); ++i) {
      const double node = transition::kNodes[i / 2];
      const double s = middle + half * (i % 2 == 0 ? node : -node);
      add(s, half * transition::kWeights[i / 2] * phase(s));
    }
    t_ = to;
  }

  /// @param start       from the reset: what came while the membrane was held, too
  /// @param refractory  t_ref/τ_m
  [[nodiscard]] Changes changes(Start start, double refractory) const {
    Answer all = *this;
    if (start == Start::kReset) {
      const double a = current_gain(kappa_, lambda_, t_), e = std::exp(-lambda_ * t_);
      const Complex once = phase(t_) * decayed({lambda_, omega_}, refractory);
      const Complex twice = phase(t_) * decayed({2 * lambda_, omega_}, refractory);
      all.x_ += a * once;
      all.w_ += e * once;
      all.xx_ += a * a * twice;
      all.xw_ += a * e * twice;
      all.ww_ += e * e * twice;
    }
    const double rate = 2 * lambda_;
    return {Change{drive_ * all.x_, drive_ * all.w_, 0, 0, 0},
            Change{0, 0, rate * all.xx_, rate * all.xw_, rate * all.ww_}};
  }

  /// For t → ∞.
  [[nodiscard]] Changes last() const {
    const Complex i(0, omega_);
    const Complex one = 1.0 + i, slow = lambda_ + i, twice = 2 * lambda_ + i;
    const Complex both = lambda_ + 1 + i, two = 2.0 + i;
    // ∫ a e^{−λs} e^{−iΩs}, ∫ a² e^{−iΩs}
    const Complex xw = kappa_ / (both * twice), xx = 2 * kappa_ * xw / two;
    return {Change{drive_ * kappa_ / (one * slow), drive_ / slow, 0, 0, 0},
            Change{0, 0, 2 * lambda_ * xx, 2 * lambda_ * xw, 2 * lambda_ / twice}};
  }

 private:
  [[nodiscard]] Complex phase(double t) const { return std::polar(1.0, -omega_ * t); }
  void add(double s, Complex weight) {
    const double a = current_gain(kappa_, lambda_, s), e = std::exp(-lambda_ * s);
    x_ += weight * a;
    w_ += weight * e;
    xx_ += weight * (a * a);
    xw_ += weight * (a * e);
    ww_ += weight * (e * e);
  }

  double kappa_, lambda_, omega_, t_ = 0;
  Complex drive_;
  Complex x_, w_, xx_, xw_, ww_;
};

/// δG/G = constant + linear z + square z², z = u − C, and δQ over the density of x at the
/// threshold, of a law with distance d.
struct LogChange {
  Complex constant, linear, square, above;

  LogChange(const Change& c, double xx, double slope, double uu, double d) {
    const Complex d_uu = c.ww - 2 * slope * c.xw + slope * slope * c.xx;
    const Complex d_slope = (c.xw - slope * c.xx) / xx;
    constant = d * c.x / xx - 0.5 * c.xx / xx - 0.5 * d_uu / uu + 0.5 * d * d * c.xx / (xx * xx);
    linear = (c.w - slope * c.x + d * d_slope) / uu;
    square = 0.5 * d_uu / (uu * uu);
    above = c.x + 0.5 * d * c.xx / xx;
  }
};

/// Moments before the first of a grid, where its trapezoidal rule goes on although nothing is at
/// the threshold: Σ dt e^{−iΩt}.
Complex before(const TimeGrid& grid, double omega) {
  Complex sum = 0;
  double t = grid.first;
  while (t * omega > 1e-9) {
    t /= grid.ratio;
    sum += grid.step * t * std::polar(1.0, -omega * t);
  }
  return sum + t * grid.step / std::expm1(grid.step);
}

/// Brings the answer to the first time of a grid, in steps that resolve it.
void approach(Answer& answer, const TimeGrid& grid) {
  constexpr double kRatio = 1.2;
  int steps = 0;
  double t = grid.first;
  for (; t > 1e-12; t /= kRatio) ++steps;
  for (; steps > 0; --steps, t *= kRatio) answer.advance(t);
  answer.advance(grid.first);
}

}  // namespace

double modulated_step(const ColouredNeuron<double>& n, double omega) {
  // Over e^{−(1 + iΩ)t} the rule errs by e^{−2πα/h}, tan α = 1/Ω, t in units of the slower time.
  return 0.27 / (0.5 + omega * std::max(1.0, n.k * n.k));
}

ModulatedKernel modulated_kernel(const ExactProblem& p, Start start, double omega,
                                 double refractory, const Eigen::VectorXd& spikes) {
  const TimeGrid& grid = times(p, start);
  const auto rows = static_cast<Eigen::Index>(p.mesh.u.size());
  const Eigen::Map<const Eigen::VectorXd> u(p.mesh.u.data(), rows);
  ModulatedKernel k;
  k.density = Eigen::MatrixXcd::Zero(rows, p.mesh.size);
  k.driven.fill(Eigen::VectorXcd::Zero(rows));
  Complex duration = before(grid, omega);  // with e^{−iΩt}
  double plain = grid.before();
  k.above = Eigen::VectorXcd::Constant(p.mesh.size, start == Start::kThreshold ? duration : 0.0);
  Eigen::VectorXcd beyond = Eigen::VectorXcd::Zero(p.mesh.size + 1);
  Eigen::VectorXd column(rows);
  Answer answer(p.neuron, omega);
  approach(answer, grid);
  double t = grid.first;
  for (int s = 0; s < grid.size; ++s, t *= grid.ratio) {
    if (s > 0) answer.advance(t);
    const Gaussians g(crossing(p.neuron, start, t));
    const Active active(g, p.mesh);
    const Changes changes = answer.changes(start, refractory);
    const double dt = t * grid.step;
    const Complex turned = dt * std::polar(1.0, -omega * t);
    duration += turned;
    plain += dt;
    beyond[active.end] += turned;
    const double at_threshold = kInverseSqrtTwoPi / std::sqrt(g.c.xx);
    for (Eigen::Index j = active.begin; j < active.end; ++j) {
      const double from = p.mesh.u[static_cast<std::size_t>(j)], d = g.c.distance(from);
      const GaussianRow row = g.row(from, d);
      column.setZero();
      add_gaussian(row, p.mesh.u.data(), p.mesh.u.size(), column.data());
      k.density.col(j) += turned * column;
      k.above[j] += turned * g.above(d);
      const double weight = dt * spikes[j], density = at_threshold * std::exp(-row.exponent);
      for (std::size_t m = 0; m < kModulations; ++m) {
        const LogChange c(changes[m], g.c.xx, g.c.slope, g.c.uu, d);
        const auto z = (u.array() - row.centre).cast<Complex>();
        k.driven[m].array() +=
            weight * column.array() * (c.constant + z * (c.linear + z * c.square));
        k.driven_above[m] += weight * density * c.above;
      }
    }
  }
  const ColouredNeuron<double>& n = p.neuron;
  const double stiffness = 1 + n.k * n.k, barrier = std::exp(-n.y_t * n.y_t * stiffness);
  const Eigen::VectorXd stationary = stiffness / (std::numbers::pi * std::numbers::sqrt2) *
                                     barrier * (-0.5 * stiffness * u.array().square()).exp();
  const ModulatedStationary modulated = modulated_stationary(p, omega);
  const Eigen::VectorXd there = stationary.head(p.mesh.size);
  k.density.conservativeResize(p.mesh.size, Eigen::NoChange);
  k.density.colwise() -= (duration * there).eval();
  Complex sum = 0;
  for (Eigen::Index j = 0; j < p.mesh.size; ++j) {
    sum += beyond[j];
    k.above[j] += sum - duration * probability_above(n);
  }
  const double lasting = plain * spikes.sum();
  const double edge = barrier * std::sqrt(stiffness / std::numbers::pi);
  for (std::size_t m = 0; m < kModulations; ++m) {
    k.driven[m].conservativeResize(p.mesh.size);
    k.driven[m] -= lasting * there.cwiseProduct(modulated.density[m]);
    k.driven_above[m] -= lasting * edge * modulated.above[m];
  }
  return k;
}

ModulatedStationary modulated_stationary(const ExactProblem& p, double omega) {
  const ColouredNeuron<double>& n = p.neuron;
  const double xx = 0.5 / (1 + n.k * n.k), xw = n.kappa() / (1 + n.lambda());
  const double slope = xw / xx, uu = 1 - xw * slope;
  const Changes changes = Answer(n, omega).last();
  const Eigen::Map<const Eigen::VectorXd> u(p.mesh.u.data(), p.mesh.size);
  ModulatedStationary r;
  for (std::size_t m = 0; m < kModulations; ++m) {
    const LogChange c(changes[m], xx, slope, uu, n.y_t);
    const auto z = u.array().cast<Complex>();
    r.density[m] = c.constant + z * (c.linear + z * c.square);
    r.above[m] = c.above;
  }
  return r;
}

}  // namespace nuphi::detail
