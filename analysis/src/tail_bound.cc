#include <nuphi/analysis/linear_response.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace nuphi {
namespace {

using Complex = std::complex<double>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Total variation of the density of a delay [1/s]; ∞ for a constant.
double variation(const Delay& d) {
  switch (d.distribution) {
    case DelayDistribution::kUniform:
      return d.max > d.min ? 2 / (d.max - d.min) : kInfinity;
    case DelayDistribution::kExponential:
      return d.mean > 0 ? 2 / d.mean : kInfinity;
    case DelayDistribution::kTruncatedGaussian: {
      if (!(d.sd > 0)) return kInfinity;
      // Of the part of the normal that is kept; its peak counts up and down.
      const double kept = 0.5 * std::erfc(-d.mean / (d.sd * std::numbers::sqrt2));
      const double root = std::sqrt(2 * std::numbers::pi);
      return 2 / (d.sd * root * kept);
    }
    default:
      return kInfinity;  // 1 is a bound for all
  }
}

/// Largest |D(iω')| for ω' ≥ ω.
double largest_transform(const Delay& d, double omega) {
  return std::min(1.0, variation(d) / omega);
}

/// √2 (y + √(y² + 2λ))/λ ≥ |W(y, iλ')|/λ' for λ' ≥ λ.
double largest_quotient(double y, double lambda) {
  const double root = std::hypot(y, std::sqrt(2 * lambda));
  return std::numbers::sqrt2 * (y > 0 ? (y + root) / lambda : 2 / (root - y));
}

/// What bounds the response of a neuron from ω on. With q = W_t/λ and f the first-passage
/// transform,
///   G_μ  = [q − f W_r/λ] λ/((1 + λ) den)
///   G_σ² = [1 + y_t q − f (1 + y_r W_r/λ)] λ/((2 + λ) den)
/// den = 1 − f e^{−λρ} or 1 − f.
struct Tail {
  bool silent = false;
  bool bounded = false;
  double lambda = 0;   ///< ωτ_m
  double q = 0;        ///< ≥ |q|
  double q_reset = 0;  ///< ≥ |W_r/λ|
  double f = 1;        ///< ≥ |f|
  double y_t = 0, y_r = 0;
  double per_mu = 0;        ///< ν/σ
  double per_variance = 0;  ///< ν/σ²
  bool on_axis = true;
  double tau_m = 0;
  double quasi_static = 0, moving = 0;  ///< δν/δσ² has −[quasi_static + moving (1 + λ)] N_μ [1/V]

  bool operator==(const Tail&) const = default;
};

/// Silent, or a spike in 30 million years.
bool has_no_response(const DynamicResponse& response) {
  return response.regime() == DynamicResponse::Regime::kSilent ||
         (response.regime() == DynamicResponse::Regime::kNoisy && response.rate() < 1e-15);
}

/// What the bounds of tail_of() and tail_right_of() have in common.
/// @param f  ≥ |f|
Tail general_tail(const DynamicResponse& response, double tau_m, double lambda, double f) {
  const ResponsePoint& p = response.point();
  Tail tail;
  tail.lambda = lambda;
  tail.f = f;
  tail.y_t = p.y_t;
  tail.y_r = p.y_r;
  tail.per_mu = response.per_mu();
  tail.per_variance = response.per_variance();
  tail.tau_m = tau_m;
  const double half = 0.5 * tail.per_variance / tail.per_mu;
  tail.moving = half * response.moving_shift();
  tail.quasi_static = half * response.quasi_static_shift() - tail.moving;
  tail.q_reset = largest_quotient(p.y_r, tail.lambda);
  tail.q = largest_quotient(p.y_t, tail.lambda);
  tail.bounded = tail.f < 1;
  return tail;
}

Tail tail_of(const DynamicResponse& response, double sigma, double tau_m, double omega) {
  Tail tail;
  tail.silent = has_no_response(response);
  if (tail.silent || !(sigma > 0)) return tail;
  const LinearResponse at = response.at_frequency(omega);
  tail = general_tail(response, tau_m, omega * tau_m, std::exp(at.log_first_passage.real()));
  // From the response itself q comes without the factor √2 of the general bound.
  const double own =
      std::abs(at.d_mu) / tail.per_mu * std::hypot(1, tail.lambda) / tail.lambda * (1 + tail.f) +
      tail.f * tail.q_reset;
  tail.q = std::fmin(tail.q, own);
  return tail;
}

/// Largest |β + γ q| for q = W_t/λ with |q| ≤ r; β ≥ 0. On the positive imaginary axis
/// −π/2 ≤ arg q ≤ 0 (a Stieltjes function); `narrow`, y_t ≤ 0 on the axis, −π/4 ≤ arg q
/// (docs/theory/mode_count.md).
double largest_in_sector(double beta, double gamma, double r, bool narrow) {
  const double x = std::abs(gamma) * r;
  if (gamma >= 0) return beta + x;
  if (!narrow) return std::hypot(beta, x);
  return std::max(beta, std::sqrt(beta * (beta - std::numbers::sqrt2 * x) + x * x));
}

/// What synapses with one delay and filter from one population to another sum up to: Σ τ_m K J,
/// Σ τ_m K J² (1 + w²) and the latter times their own shift (c_k − c)/σ.
struct Coupling {
  double mean = 0, variance = 0, shifted = 0;
};

/// Bound of what they contribute to an entry of M.
double entry_bound(const Tail& t, const Coupling& coupling, double tau_syn, double omega) {
  const auto [mean, variance, shifted] = coupling;
  if (mean == 0 && variance == 0) return 0;
  if (t.silent) return 0;
  if (!t.bounded) return kInfinity;
  const double mu = t.per_mu * mean;
  const double beta = t.per_variance * variance;
  const double rest = t.f * (std::abs(mu) * t.q_reset * (1 + 1 / t.lambda) +
                             beta * (1 + std::abs(t.y_r) * t.q_reset)) +
                      std::abs(mu) * t.q / t.lambda;
  if (tau_syn == 0 && t.moving == 0 && t.quasi_static == 0) {
    // (2 + λ)/(1 + λ) is 1 but for 1/λ, which is part of the rest.
    return (largest_in_sector(beta, mu + beta * t.y_t, t.q, t.on_axis && t.y_t <= 0) + rest) /
           (1 - t.f);
  }
  const double filter_mu = 1 / std::hypot(1, omega * tau_syn);
  const double filter_variance = 1 / std::hypot(1, 0.5 * omega * tau_syn);
  const double g_mu = (t.q + t.f * t.q_reset) / (1 - t.f);
  const double g_variance =
      (1 + t.f + std::abs(t.y_t) * t.q + t.f * std::abs(t.y_r) * t.q_reset) / (1 - t.f);
  // Boundaries that move: |1 + λ||G_μ| ≤ |λ| g_mu, and |λ|/|1 + zτ_s/2| ≤ 2τ_m/τ_s.
  const bool moves = t.moving > 0;
  const double quasi_static =
      std::abs(t.quasi_static * variance + (moves ? 0 : shifted)) * filter_variance;
  const double moving =
      moves ? std::abs(t.moving * variance + shifted) * (2 * t.tau_m / tau_syn) : 0;
  return std::abs(mu) * g_mu * filter_mu + beta * g_variance * filter_variance +
         t.per_mu * g_mu * (quasi_static + moving);
}

/// The same for all z' with Re z' ≥ Re z > 0 and Im z' ≥ Im z: |f(z')| ≤ f(Re z), the transform of
/// a density, and the general bound of the quotients, which falls with |z|.
Tail tail_right_of(const DynamicResponse& response, double sigma, double tau_m, Complex z) {
  Tail tail;
  tail.silent = has_no_response(response);
  if (tail.silent || !(sigma > 0)) return tail;
  tail = general_tail(response, tau_m, std::abs(z) * tau_m,
                      std::exp(response.at(z.real()).log_first_passage.real()));
  tail.on_axis = false;
  return tail;
}

/// The signed strengths of one kernel, row = target.
struct Strengths {
  Eigen::MatrixXd mean, variance, shifted;

  explicit Strengths(Eigen::Index n)
      : mean(Eigen::MatrixXd::Zero(n, n)), variance(mean), shifted(mean) {}
  void lump(Eigen::Index from, Eigen::Index to) {
    for (Eigen::MatrixXd* part : {&mean, &variance, &shifted}) {
      part->col(to) += part->col(from);
      part->col(from).setZero();
    }
  }
};

/// For every population the first one that responds as it does and receives the same.
std::vector<Eigen::Index> classes(const std::vector<Tail>& tails,
                                  const std::vector<Strengths>& kernels) {
  std::vector<Eigen::Index> result;
  for (Eigen::Index i = 0; i < static_cast<Eigen::Index>(tails.size()); ++i) {
    Eigen::Index like = 0;
    const auto equal = [&](const Strengths& s) {
      return s.mean.row(i) == s.mean.row(like) && s.variance.row(i) == s.variance.row(like) &&
             s.shifted.row(i) == s.shifted.row(like);
    };
    while (like < i &&
           !(tails[static_cast<std::size_t>(i)] == tails[static_cast<std::size_t>(like)] &&
             std::all_of(kernels.begin(), kernels.end(), equal)))
      ++like;
    result.push_back(like);
  }
  return result;
}

}  // namespace

Eigen::MatrixXd NetworkResponse::tail_bound(double omega, double delay_scale) const {
  return bound_beyond({0, omega}, delay_scale);
}

Eigen::MatrixXd NetworkResponse::bound_beyond(Complex z, double delay_scale) const {
  const Eigen::Index n = size();
  const double size_of_z = std::abs(z);
  std::vector<Tail> tails;
  for (std::size_t i = 0; i < responses_.size(); ++i) {
    tails.push_back(z.real() > 0 ? tail_right_of(responses_[i], sigma_[i], tau_m_[i], z)
                                 : tail_of(responses_[i], sigma_[i], tau_m_[i], z.imag()));
  }
  std::vector<Strengths> kernels(kernels_.size(), Strengths(n));
  for (const Term& t : terms_) {
    kernels[t.kernel].mean(t.target, t.source) += t.mean;
    if (!has_variance_response()) continue;
    kernels[t.kernel].variance(t.target, t.source) += t.variance;
    kernels[t.kernel].shifted(t.target, t.source) += t.variance * t.shift;
  }
  const std::vector<Eigen::Index> like = classes(tails, kernels);
  Eigen::MatrixXd bound = Eigen::MatrixXd::Zero(n, n);
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    Strengths lumped = kernels[k];
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index to = like[static_cast<std::size_t>(j)];
      if (to != j) lumped.lump(j, to);
    }
    const double tau_syn = options_.synaptic_filter ? kernels_[k].tau_syn : 0;
    const double scale = kernels_[k].scaled ? delay_scale : 1;
    const double delay =
        std::min(largest_transform(kernels_[k].delay, size_of_z * scale),
                 std::abs(delay_transform(kernels_[k].delay, z.real() * scale).value));
    for (Eigen::Index i = 0; i < n; ++i) {
      if (like[static_cast<std::size_t>(i)] != i) continue;
      for (Eigen::Index j = 0; j < n; ++j)
        bound(i, j) +=
            delay * entry_bound(tails[static_cast<std::size_t>(i)],
                                {lumped.mean(i, j), lumped.variance(i, j), lumped.shifted(i, j)},
                                tau_syn, size_of_z);
    }
  }
  return bound;
}

}  // namespace nuphi
