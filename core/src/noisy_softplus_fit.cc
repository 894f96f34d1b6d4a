#include <nuphi/core/transfer_function.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace nuphi {
namespace {
using Eigen::Index, Eigen::VectorXd;

struct Sample {
  double mu, sigma;
};

/// Residuals f − target and the normal equations in (ln k, ln S).
struct Normal {
  double cost = 0;  ///< ½ Σ r²
  double worst = 0;
  Eigen::Matrix2d matrix = Eigen::Matrix2d::Zero();
  Eigen::Vector2d gradient = Eigen::Vector2d::Zero();
};

Normal normal_equations(const NoisySoftplusTransfer& f, const std::vector<Sample>& samples,
                        const VectorXd& target) {
  Normal n;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const TransferRate r = f(samples[i].mu, samples[i].sigma);
    const double residual = r.rate - target[static_cast<Index>(i)];
    // f depends on k through kσ alone: ∂f/∂ln k = σ ∂f/∂σ; and ∂f/∂ln S = f.
    const Eigen::Vector2d slope(samples[i].sigma * r.drate_dsigma, r.rate);
    n.cost += 0.5 * residual * residual;
    n.worst = std::max(n.worst, std::abs(residual));
    n.matrix += slope * slope.transpose();
    n.gradient += residual * slope;
  }
  return n;
}

NoisySoftplusTransfer moved(const NoisySoftplusTransfer& f, const Eigen::Vector2d& step) {
  return {f.k * std::exp(step[0]), f.S * std::exp(step[1]), f.theta};
}

Eigen::Vector2d solve(const Eigen::Matrix2d& m, const Eigen::Vector2d& b) {
  const double determinant = m(0, 0) * m(1, 1) - m(0, 1) * m(1, 0);
  return Eigen::Vector2d(m(1, 1) * b[0] - m(0, 1) * b[1], m(0, 0) * b[1] - m(1, 0) * b[0]) /
         determinant;
}

}  // namespace

NoisySoftplusFit fit_noisy_softplus(const TransferFunction& target, const VectorXd& mu,
                                    const VectorXd& sigma, double theta) {
  if (mu.size() == 0 || sigma.size() == 0 || !(sigma.minCoeff() > 0)) {
    throw std::invalid_argument("fit_noisy_softplus: the grid must not be empty, and sigma > 0");
  }
  std::vector<Sample> samples;
  VectorXd rates(mu.size() * sigma.size());
  for (const double s : sigma) {
    for (const double m : mu) {
      rates[static_cast<Index>(samples.size())] = evaluate(target, m, s).rate;
      samples.push_back({m, s});
    }
  }
  if (!rates.allFinite() || !(rates.maxCoeff() > 0)) {
    throw std::invalid_argument(
        "fit_noisy_softplus: the target must be finite, and not 0 throughout");
  }

  NoisySoftplusFit fit;
  fit.function = {.k = 0.5, .S = 1, .theta = theta};
  {  // for this k the best S in closed form: f is proportional to it
    double product = 0, square = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double f = fit.function(samples[i].mu, samples[i].sigma).rate;
      product += f * rates[static_cast<Index>(i)];
      square += f * f;
    }
    fit.function.S = product / square;
  }

  constexpr int kMaxIterations = 200;
  constexpr double kTolerance = 1e-12;
  Normal normal = normal_equations(fit.function, samples, rates);
  double damping = 1e-3;
  while (fit.iterations < kMaxIterations && !fit.converged) {
    ++fit.iterations;
    Eigen::Matrix2d damped = normal.matrix;
    damped.diagonal() *= 1 + damping;
    const Eigen::Vector2d step = solve(damped, -normal.gradient);
    const NoisySoftplusTransfer trial = moved(fit.function, step);
    const Normal at_trial = normal_equations(trial, samples, rates);
    fit.converged = step.cwiseAbs().maxCoeff() < kTolerance;
    if (at_trial.cost <= normal.cost) {
      fit.function = trial;
      normal = at_trial;
      damping *= 0.1;
    } else {
      damping = std::max(damping, 1e-12) * 10;
    }
  }
  fit.rms_error = std::sqrt(2 * normal.cost / static_cast<double>(samples.size()));
  fit.worst_error = normal.worst;
  return fit;
}

}  // namespace nuphi
