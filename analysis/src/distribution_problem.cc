#include "distribution_problem.h"

#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace nuphi::detail {
namespace {

/// Φ(μ, v) with first and second derivatives, v = σ².
struct RateSecond {
  double rate = 0;
  double mu = 0, v = 0;
  double mu_mu = 0, mu_v = 0, v_v = 0;
};

double finite_or_zero(double x) { return std::isfinite(x) ? x : 0.0; }

/// Where a correction has no closed second derivatives: central differences of the gradient.
void difference(RateSecond& f, double mu, double sigma, const LifParameters& neuron,
                Correction correction) {
  const double h = 1e-4 * sigma;
  const SiegertRate right = siegert(mu + h, sigma, neuron, correction);
  const SiegertRate left = siegert(mu - h, sigma, neuron, correction);
  const SiegertRate up = siegert(mu, sigma + h, neuron, correction);
  const SiegertRate down = siegert(mu, sigma - h, neuron, correction);
  f.mu_mu = (right.drate_dmu - left.drate_dmu) / (2 * h);
  f.mu_v = (up.drate_dmu - down.drate_dmu) / (2 * h) / (2 * sigma);
  const double sigma_sigma = (up.drate_dsigma - down.drate_dsigma) / (2 * h);
  f.v_v = (sigma_sigma - 2 * f.v) / (4 * sigma * sigma);
}

RateSecond rate_second(double mu, double v, const LifParameters& neuron, Correction correction) {
  const double sigma = std::sqrt(std::max(0.0, v));
  const SiegertSecond s = siegert_second(mu, sigma, neuron, correction);
  RateSecond f{.rate = s.first.rate, .mu = finite_or_zero(s.first.drate_dmu)};
  // Without noise there is no derivative with respect to σ²; nothing is coupled to it then.
  if (sigma == 0) return f;
  f.v = s.first.drate_dsigma / (2 * sigma);
  f.mu_mu = s.d2rate_dmu2;
  f.mu_v = s.d2rate_dmudsigma / (2 * sigma);
  f.v_v = (s.d2rate_dsigma2 - s.first.drate_dsigma / sigma) / (4 * sigma * sigma);
  if (std::isnan(f.mu_mu) && std::isfinite(f.rate)) difference(f, mu, sigma, neuron, correction);
  return f;
}

// Bounds a network without refractory time, as the solver does for mean rates.
constexpr double kHighestRate = 1e7;

}  // namespace

InputFactors factors(const InputDistribution& input) noexcept {
  const double a = std::sqrt(std::max(0.0, input.mu_mu));
  const double b = a > 0 ? input.mu_v / a : 0;
  return {a, b, std::sqrt(std::max(0.0, input.v_v - b * b))};
}

DistributionProblem::DistributionProblem(const QuenchedInput& input, int nodes, int variance_nodes)
    : quenched_(input),
      over_mu_(gauss_hermite(nodes)),
      over_v_(gauss_hermite(variance_nodes)),
      lower_(Eigen::VectorXd::Zero(2 * input.field.size())),
      upper_(2 * input.field.size()),
      x_(lower_),
      inputs_(input.field.nodes.size()),
      mean_(input.field.nodes.size()),
      rms_(input.field.nodes.size()) {
  const Eigen::Index n = input.field.size();
  for (Eigen::Index i = 0; i < n; ++i) {
    const double t_ref = input.field.lif(i).neuron.t_ref;
    upper_[i] = upper_[n + i] = t_ref > 0 ? 1 / t_ref : kHighestRate;
  }
}

void DistributionProblem::set_inputs() {
  const Eigen::Index n = size() / 2;
  const Coupling& coupling = quenched_.field.coupling;
  const Eigen::VectorXd m = x_.head(n), mean_square = m.cwiseAbs2();
  const Eigen::VectorXd square = x_.tail(n).cwiseAbs2();
  const Eigen::VectorXd mu = coupling.dense(MeanField::kMean) * m + quenched_.field.external_mean();
  const Eigen::VectorXd v =
      coupling.dense(MeanField::kVariance) * m + quenched_.field.external_variance();
  const auto moment = [&](const QuenchedMoment& q) -> Eigen::VectorXd {
    return q.by_square * square - q.by_mean * mean_square + q.external;
  };
  const Eigen::VectorXd mu_mu = moment(quenched_.mean), mu_v = moment(quenched_.mixed);
  const Eigen::VectorXd v_v = moment(quenched_.variance);
  for (Eigen::Index i = 0; i < n; ++i)
    inputs_[static_cast<std::size_t>(i)] = {mu[i], v[i], mu_mu[i], mu_v[i], v_v[i]};
}

void DistributionProblem::respond(Eigen::Index i) {
  const auto k = static_cast<std::size_t>(i);
  const InputDistribution& in = inputs_[k];
  const InputFactors f = factors(in);
  Response mean, square;
  for (std::size_t p = 0; p < over_mu_.nodes.size(); ++p)
    for (std::size_t q = 0; q < over_v_.nodes.size(); ++q) {
      const double z = over_mu_.nodes[p], w = over_mu_.weights[p] * over_v_.weights[q];
      const RateSecond r =
          rate_second(in.mu + f.a * z, in.v + f.b * z + f.c * over_v_.nodes[q],
                      quenched_.field.lif(i).neuron, quenched_.field.lif(i).correction);
      mean.value += w * r.rate;
      mean.slope.mu += w * r.mu;
      mean.slope.v += w * r.v;
      mean.slope.mu_mu += w * r.mu_mu / 2;
      mean.slope.mu_v += w * r.mu_v;
      mean.slope.v_v += w * r.v_v / 2;
      square.value += w * r.rate * r.rate;
      square.slope.mu += w * 2 * r.rate * r.mu;
      square.slope.v += w * 2 * r.rate * r.v;
      square.slope.mu_mu += w * (r.mu * r.mu + r.rate * r.mu_mu);
      square.slope.mu_v += w * 2 * (r.mu * r.v + r.rate * r.mu_v);
      square.slope.v_v += w * (r.v * r.v + r.rate * r.v_v);
    }
  mean_[k] = mean;
  const double rms = std::sqrt(square.value);
  // Rates below 1e-150 Hz: their squares underflow, and nothing depends on them.
  const double per = rms > 0 ? 1 / (2 * rms) : 0;
  const InputDistribution& s = square.slope;
  rms_[k] = {rms, {s.mu * per, s.v * per, s.mu_mu * per, s.mu_v * per, s.v_v * per}};
}

void DistributionProblem::evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) {
  const Eigen::Index n = size() / 2;
  x_ = x;
  set_inputs();
  for (Eigen::Index i = 0; i < n; ++i) {
    respond(i);
    value[i] = mean_[static_cast<std::size_t>(i)].value;
    value[n + i] = rms_[static_cast<std::size_t>(i)].value;
  }
}

double DistributionProblem::slope_along(const Response& response, Eigen::Index i, Eigen::Index j,
                                        bool of_mean) const {
  const InputDistribution& s = response.slope;
  const QuenchedInput& q = quenched_;
  if (!of_mean) {
    const double r = x_[size() / 2 + j];
    return 2 * r *
           (s.mu_mu * q.mean.by_square(i, j) + s.mu_v * q.mixed.by_square(i, j) +
            s.v_v * q.variance.by_square(i, j));
  }
  const Coupling& coupling = q.field.coupling;
  return s.mu * coupling.dense(MeanField::kMean)(i, j) +
         s.v * coupling.dense(MeanField::kVariance)(i, j) -
         2 * x_[j] *
             (s.mu_mu * q.mean.by_mean(i, j) + s.mu_v * q.mixed.by_mean(i, j) +
              s.v_v * q.variance.by_mean(i, j));
}

void DistributionProblem::jacobian(Eigen::MatrixXd& matrix) const {
  const Eigen::Index n = size() / 2;
  matrix.resize(2 * n, 2 * n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) {
      const auto k = static_cast<std::size_t>(i);
      matrix(i, j) = slope_along(mean_[k], i, j, true);
      matrix(i, n + j) = slope_along(mean_[k], i, j, false);
      matrix(n + i, j) = slope_along(rms_[k], i, j, true);
      matrix(n + i, n + j) = slope_along(rms_[k], i, j, false);
    }
}

void DistributionProblem::rounding(Eigen::VectorXd& bound) const {
  const Eigen::Index n = size() / 2;
  const double unit = std::numeric_limits<double>::epsilon();
  const Coupling& coupling = quenched_.field.coupling;
  const Eigen::VectorXd addends = coupling.dense(MeanField::kMean).cwiseAbs() * x_.head(n) +
                                  quenched_.field.external_mean().cwiseAbs();
  const double terms = 4 + std::sqrt(static_cast<double>(n));
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const auto of = [&](const Response& r) {
      return unit * (terms * std::abs(r.slope.mu) * addends[i] +
                     terms * std::abs(r.slope.v) * inputs_[k].v + 8 * r.value);
    };
    bound[i] = of(mean_[k]);
    bound[n + i] = of(rms_[k]);
  }
}

}  // namespace nuphi::detail
