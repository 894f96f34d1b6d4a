#include "exact_solve.h"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "siegert_kernel.h"

namespace nuphi::detail {
namespace {
using Eigen::VectorXd, Eigen::MatrixXd;

/// Right-hand side p + vP, times e^{barrier} so that it does not underflow below threshold.
struct Stationary {
  double barrier = 0;  ///< max(y_t, 0)|y_t| (1 + k²)
  VectorXd density;    ///< p e^{barrier}
  double above = 0;    ///< P e^{barrier}

  Stationary(const ColouredNeuron<double>& n, const VectorXd& u) {
    const double stiffness = 1 + n.k * n.k, y = n.y_t * std::sqrt(stiffness);
    barrier = y > 0 ? y * y : 0;
    const double left = y > 0 ? 1 : std::exp(-y * y);
    density = stiffness / (std::numbers::pi * std::numbers::sqrt2) * left *
              (-0.5 * stiffness * u.array().square()).exp();
    above = y > 0 ? 0.5 * erfcx(y) : 0.5 * std::erfc(y);
  }
};

VectorXd as_vector(const std::vector<double>& x, int size) {
  return Eigen::Map<const VectorXd>(x.data(), size);
}

/// One neuron's equation, discretised: the unknown q at the nodes.
class Equation {
 public:
  Equation(const ColouredNeuron<double>& neuron, const ExactGrid& grid)
      : p_(exact_problem(neuron, grid)),
        u_(as_vector(p_.mesh.u, p_.mesh.size)),
        flux_(neuron.kappa() * u_.cwiseProduct(as_vector(p_.mesh.weight, p_.mesh.size))),
        stationary_(neuron, u_),
        from_threshold_(kernel(p_, Start::kThreshold)),
        from_reset_(kernel(p_, Start::kReset)) {
    const double shrink = std::exp(-stationary_.barrier);
    p_density_ = shrink * stationary_.density;
    const double w_t = neuron.w_t();
    const double centre = w_t > 0 ? 0 : -w_t;
    spread_ = (-0.5 * (u_.array() - centre).square()).exp();
    spread_ /= flux_.dot(spread_);
    dwell_ = from_threshold_.above - from_reset_.above;
    solve();
  }

  [[nodiscard]] double log_time() const { return stationary_.barrier - std::log(total_); }

  [[nodiscard]] double residual() const {
    const double occupied = dwell_.dot(spikes_);
    return std::abs(occupied - stationary_.above) / std::max(std::abs(occupied), stationary_.above);
  }

  [[nodiscard]] std::array<double, Dual::kSize> log_gradient() const;
  [[nodiscard]] double cv() const;
  [[nodiscard]] PassageSolution solution() const {
    return {.problem = p_,
            .flux = flux_,
            .spread = spread_,
            .density = stationary_.density,
            .spikes = spikes_,
            .barrier = stationary_.barrier,
            .residual = residual()};
  }

 private:
  void solve() {
    MatrixXd a = from_threshold_.density - from_reset_.density;
    a.colwise() += (from_reset_.duration - from_threshold_.duration) * p_density_;
    a += spread_ * dwell_.transpose();
    a *= flux_.asDiagonal();
    a.diagonal().array() += 1;
    rhs_ = stationary_.density + stationary_.above * spread_;
    lu_.compute(a);
    q_ = lu_.solve(rhs_);
    spikes_ = flux_.cwiseProduct(q_);
    total_ = spikes_.sum();
  }

  ExactProblem p_;
  VectorXd u_;
  VectorXd flux_;  ///< κu times the weight of the node
  Stationary stationary_;
  Kernel from_threshold_, from_reset_;
  VectorXd p_density_;  ///< p itself
  VectorXd spread_;     ///< v
  VectorXd dwell_;      ///< D
  Eigen::PartialPivLU<MatrixXd> lu_;
  VectorXd rhs_, q_, spikes_;  ///< spikes: flux·q, of sum e^{barrier}/T
  double total_ = 0;
};

std::array<double, Dual::kSize> Equation::log_gradient() const {
  const ColouredNeuron<double>& n = p_.neuron;
  const VectorXd l = lu_.transpose().solve(flux_);  // ∂(flux·q) = l·(∂rhs − ∂A q) + ∂flux·q
  const double lv = l.dot(spread_);
  const auto threshold = kernel_gradient(p_, Start::kThreshold, l, spikes_, lv);
  const auto reset = kernel_gradient(p_, Start::kReset, l, spikes_, lv);
  const double stiffness = 1 + n.k * n.k;
  // ln p = ln(1 + k²) − (y_t² + u²/2)(1 + k²) + …
  const double lp = l.dot(stationary_.density);
  const double lpu = l.dot(stationary_.density.cwiseProduct(u_.cwiseAbs2()));
  const double shrink = std::exp(-stationary_.barrier);
  const double lasting = (from_reset_.duration - from_threshold_.duration) * total_ * shrink;
  const double lp_y = -2 * n.y_t * stiffness * lp;
  const double lp_k = 2 * n.k / stiffness * lp - 2 * n.k * n.y_t * n.y_t * lp - n.k * lpu;
  // P = ½ erfc(y √(1 + k²))
  const double edge =
      std::exp(stationary_.barrier - n.y_t * n.y_t * stiffness) / std::sqrt(std::numbers::pi);
  const double P_y = -edge * std::sqrt(stiffness), P_k = -edge * n.y_t * n.k / std::sqrt(stiffness);
  std::array<double, Dual::kSize> sum{};
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = reset[i] - threshold[i];
  sum[0] += lp_y * (1 - lasting) + lv * P_y * (1 - lasting);
  sum[2] += lp_k * (1 - lasting) + lv * P_k * (1 - lasting) - l.dot(q_) / n.k;
  for (double& x : sum) x /= -total_;
  return sum;
}

double Equation::cv() const {
  const VectorXd starts = spikes_ / total_;
  const double shrink = std::exp(-stationary_.barrier);
  const DelayKernel threshold = delay_kernel(p_, Start::kThreshold, starts);
  const DelayKernel reset = delay_kernel(p_, Start::kReset, starts);
  MatrixXd a = from_threshold_.density;
  a.colwise() -= from_threshold_.duration * p_density_;
  a += spread_ * from_threshold_.above.transpose();
  a *= flux_.asDiagonal();
  a.diagonal().array() += 1;
  const double per_time = shrink * total_;  // 1/T
  const VectorXd rhs =
      (reset.density - threshold.density - (reset.duration - threshold.duration) * p_density_ -
       spread_ * (threshold.above - reset.above)) *
      per_time;
  const Eigen::PartialPivLU<MatrixXd> lu(a);
  const VectorXd first = lu.solve(rhs), second = lu.solve(rhs_ / total_);
  const double half_square = (1 - flux_.dot(first)) / flux_.dot(second);  // ⟨T²⟩/(2T²)
  return std::sqrt(std::max(0.0, 2 * half_square - 1));
}

}  // namespace

PassageSolution passage_solution(const ColouredNeuron<double>& neuron, const ExactGrid& grid) {
  return Equation(neuron, grid).solution();
}

PassageTime passage_time(const ColouredNeuron<double>& neuron, const ExactGrid& grid,
                         const PassageOptions& options) {
  const Equation equation(neuron, grid);
  PassageTime r;
  r.log_time = equation.log_time();
  r.residual = equation.residual();
  if (options.gradient) r.log_gradient = equation.log_gradient();
  r.cv = options.cv ? equation.cv() : std::numeric_limits<double>::quiet_NaN();
  return r;
}

}  // namespace nuphi::detail
