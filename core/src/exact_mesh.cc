#include "exact_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace nuphi::detail {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFarTail = 9;  // standard deviations beyond which a Gaussian is nothing

/// Gauss–Legendre nodes and weights on (−1, 1) by Newton's method.
struct Legendre {
  std::vector<double> x, weight;

  explicit Legendre(int order) {
    for (int i = 0; i < order; ++i) {
      double z = -std::cos(std::numbers::pi * (i + 0.75) / (order + 0.5)), slope = 1;
      for (int k = 0; k < 20; ++k) {
        double p = 1, before = 0;
        for (int n = 0; n < order; ++n) {
          const double next = ((2 * n + 1) * z * p - n * before) / (n + 1);
          before = p;
          p = next;
        }
        slope = order * (z * p - before) / (z * z - 1);
        z -= p / slope;
      }
      x.push_back(z);
      weight.push_back(2 / ((1 - z * z) * slope * slope));
    }
  }
};

/// Mean of the membrane t after its release with w₀.
double released(const ColouredNeuron<double>& n, double w0, double t) {
  return n.y_r * std::exp(-t) + current_gain(n.kappa(), n.lambda(), t) * w0;
}

/// Time after which a neuron released after a spike with w' reaches the threshold if no noise
/// comes; ∞ if it does not.
double ballistic_time(const ColouredNeuron<double>& n, double w, double shortest, double longest) {
  const double w0 = n.X * w;
  const double ratio = 1.5;
  double low = shortest, high = low;
  while (released(n, w0, high) < n.y_t) {
    if (high > longest) return kInfinity;
    low = high;
    high *= ratio;
  }
  for (int k = 0; k < 12; ++k) {
    const double middle = std::sqrt(low * high);
    (released(n, w0, middle) < n.y_t ? low : high) = middle;
  }
  return high;
}

double longest_time(const ColouredNeuron<double>& n) { return 40 * std::max(1.0, n.k * n.k); }

/// A tenth of the way at the largest velocity that a release can have.
double soonest(const ColouredNeuron<double>& n, double w_max) {
  const double velocity = n.kappa() * std::max(1.0, w_max) + std::max(0.0, -n.y_r);
  return 0.02 * std::min((n.y_t - n.y_r) / velocity, 1.0);
}

/// Width of the law of w at a passage after t: over less, its kernel cannot be sampled.
double kernel_width(const ColouredNeuron<double>& n, double t) {
  if (std::isinf(t)) return 1;
  return std::sqrt(std::max(0.0, n.fresh - n.X * n.X * std::expm1(-2 * n.lambda() * t)));
}

struct Panels {
  std::vector<double> edges;
};

Panels panels(const ColouredNeuron<double>& n, const ExactGrid& grid) {
  const double w_t = n.w_t(), reach = grid.reach;
  const double u_end = w_t > 0 ? reach : reach - w_t;
  const double narrow = 1 / std::sqrt(1 + n.k * n.k);  // of u at a crossing of the free neuron
  const double soon = soonest(n, w_t + u_end), late = longest_time(n);
  const auto longest = [&](double u) {
    const double width = kernel_width(n, ballistic_time(n, w_t + u, soon, late));
    constexpr double kNarrowest = 0.04;  // a thousand nodes; less leaves a residual
    return grid.panel * std::clamp(width, kNarrowest, 1.0);
  };
  Panels p;
  double u = 0;
  if (w_t < -reach - 1) {
    u = -reach - w_t;  // nothing is as slow as the corner
    p.edges.push_back(u);
  } else {
    // Where the drift −λw_t is strong, the layer at u = 0 is thinner.
    const double corner = grid.first_panel / (1 + 0.25 * std::max(0.0, w_t));
    p.edges.push_back(0);
    u = std::min(corner, longest(corner));
    p.edges.push_back(u);
    while (u < u_end) {
      double length = std::min((grid.growth - 1) * u, longest(u));
      if (w_t > -1 && u < 7 * narrow) length = std::min(length, 1.5 * grid.panel * narrow);
      if (length < (grid.growth - 1) * u) {
        // the kernel is narrower at the far end of the panel
        length = std::min(length, longest(u + length));
      }
      u += length;
      p.edges.push_back(u);
    }
    return p;
  }
  while (u < u_end) {
    double length = longest(u);
    length = std::min(length, longest(u + length));
    u += length;
    p.edges.push_back(u);
  }
  return p;
}

/// How fast, in ln t, the law of a start moves at the threshold, measured by its own spread: with z
/// the distance from the threshold and C the mean of w there, √(ż² + Ċ²/uu). Steps of ln t have to
/// be shorter than its inverse. Means and covariance obey ẋ = κw − x, ẇ = −λw and Lyapunov's
/// equation.
double passage_speed(const ColouredNeuron<double>& n, const Motion<double>& m,
                     const Crossing<double>& c, double w, double t) {
  const double kappa = n.kappa(), lambda = n.lambda(), w_mean = n.X * w * m.decay_w;
  const double d = c.distance(w - n.w_t()), x_dot = kappa * w_mean - (n.y_t - d);
  const double xw = c.slope * c.xx, ww = m.ww + n.fresh * m.decay_w * m.decay_w;
  const double xx_dot = 2 * (kappa * xw - c.xx), xw_dot = kappa * ww - (1 + lambda) * xw;
  const double slope_dot = (xw_dot - c.slope * xx_dot) / c.xx;
  const double z_dot = (-x_dot - 0.5 * d * xx_dot / c.xx) / std::sqrt(c.xx);
  const double centre_dot = -lambda * w_mean + slope_dot * d - c.slope * x_dot;
  return t * std::sqrt(z_dot * z_dot + centre_dot * centre_dot / c.uu);
}

/// One sample of the starts: the most probable moment of its passage that has been seen.
struct Sample {
  double w = 0;
  double least = kInfinity;  ///< z²/2, z the distance from the threshold in standard deviations
};

/// One moment on the way of a sample.
struct Moment {
  std::size_t sample = 0;
  double exponent = 0;  ///< z²/2
  double speed = 0;
};

/// The step of ln t with which the trapezoidal rule over passages errs by e^{−accuracy} of their
/// largest density: that over a Gaussian of width δ errs by e^{−2π²δ²/h²}.
double passage_step(const std::vector<Sample>& samples, const std::vector<Moment>& moments,
                    double accuracy) {
  double step = kInfinity;
  for (const Moment& m : moments) {
    const double left = accuracy - (m.exponent - samples[m.sample].least);
    if (left > 0) step = std::min(step, std::sqrt(2 / left) * std::numbers::pi / m.speed);
  }
  return step;
}

}  // namespace

double TimeGrid::before() const { return first * step / std::expm1(step); }
double TimeGrid::before_moment() const { return first * first * step / std::expm1(2 * step); }

VelocityMesh velocity_mesh(const ColouredNeuron<double>& n, const ExactGrid& grid) {
  const Panels p = panels(n, grid);
  const Legendre rule(grid.order);
  VelocityMesh mesh;
  for (std::size_t i = 0; i + 1 < p.edges.size(); ++i) {
    const double half = 0.5 * (p.edges[i + 1] - p.edges[i]);
    for (std::size_t k = 0; k < rule.x.size(); ++k) {
      mesh.u.push_back(p.edges[i] + half * (1 + rule.x[k]));
      mesh.weight.push_back(half * rule.weight[k]);
    }
  }
  mesh.size = static_cast<int>(mesh.u.size());
  while (mesh.u.size() % 8 != 0) {
    mesh.u.push_back(mesh.u.back());
    mesh.weight.push_back(0);
  }
  return mesh;
}

TimeGrid threshold_times(const ColouredNeuron<double>& n, const VelocityMesh& mesh,
                         const ExactGrid& grid) {
  const double square = n.k * n.k, slow = mesh.u.front();
  TimeGrid t;
  t.first = std::min(5e-3 * square * slow * slow, 0.02 * std::min(1.0, square));
  t.step = grid.step;
  t.ratio = std::exp(t.step);
  t.size = 1 + static_cast<int>(std::ceil(std::log(longest_time(n) / t.first) / t.step));
  return t;
}

TimeGrid reset_times(const ColouredNeuron<double>& n, const VelocityMesh& mesh,
                     const TimeGrid& threshold, const ExactGrid& grid) {
  const double w_low = n.w_t() + mesh.u.front(), w_high = n.w_t() + mesh.u.back();
  const double late = longest_time(n), soon = soonest(n, w_high);
  constexpr int kSamples = 9;
  constexpr double kRare = 4.5;  // velocities beyond are too rare to be sampled as well
  std::vector<Sample> samples(kSamples);
  const double from = std::max(w_low, -kRare), to = std::max(from, std::min(w_high, kRare));
  for (int i = 0; i < kSamples; ++i)
    samples[static_cast<std::size_t>(i)].w = from + (to - from) * i / (kSamples - 1);

  std::vector<Moment> moments;
  const auto look = [&](std::size_t i, const Motion<double>& m, const Crossing<double>& c,
                        double t) {
    const double d = c.distance(samples[i].w - n.w_t()), exponent = 0.5 * d * d / c.xx;
    samples[i].least = std::min(samples[i].least, exponent);
    moments.push_back({i, exponent, passage_speed(n, m, c, samples[i].w, t)});
  };
  // From the first moment when something can be above the threshold to the last when something can
  // still be below.
  constexpr double kCoarse = 1.2;
  double low = 0, high = 0, before = 0;
  for (double t = 0.1 * std::min(soon, 0.02 * std::min(1.0, n.k * n.k)); t < kCoarse * late;
       t *= kCoarse) {
    const Motion<double> m = motion(n, t);
    const Crossing<double> c = from_reset(n, m);
    const double spread = kFarTail * std::sqrt(c.xx);
    if (low == 0 && c.distance(mesh.u.back()) <= spread) low = std::max(before, 0.5 * t);
    if (c.distance(mesh.u.front()) >= -spread) high = t * kCoarse;
    if (low > 0 && high > t) {
      for (std::size_t i = 0; i < samples.size(); ++i) look(i, m, c, t);
    }
    before = t;
  }
  // Passages too short for that grid.
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = ballistic_time(n, samples[i].w, soon, late);
    if (std::isinf(t)) continue;
    const Motion<double> m = motion(n, t);
    look(i, m, from_reset(n, m), t);
  }
  TimeGrid t;
  if (low == 0) low = late;
  const double length = std::log(std::max(high, low) / low);
  constexpr double kMostTimes = 20000;
  t.step = std::min(threshold.step, passage_step(samples, moments, grid.accuracy));
  t.step = std::max(t.step, length / kMostTimes);
  t.ratio = std::exp(t.step);
  t.first = low;
  t.size = 1 + static_cast<int>(std::ceil(length / t.step));
  return t;
}

}  // namespace nuphi::detail
