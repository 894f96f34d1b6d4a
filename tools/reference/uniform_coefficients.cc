// Writes core/src/uniform_coefficients.h: the two functions n₁ and n₂ of uniform_rate.h, one hidden
// layer of z/√(1 + z²) each, fitted to the rates of exact_rate() and to their slopes in μ.
//
//   g++ -O3 -march=x86-64-v3 -std=c++20 -I core/include -I core/src -I build/release/core/include
//     -I /usr/include/eigen3 tools/reference/uniform_coefficients.cc
//     build/release/core/libnuphi_core.a -ltbb -o uniform_coefficients
//   ./uniform_coefficients > core/src/uniform_coefficients.h
//
// Levenberg–Marquardt from a seeded start with a fixed number of iterations: n₁ alone where the
// reset has no memory (X = 0), then n₂ alone, then both, the last half with more weight on the
// larger errors. Points of an additive recurrence over k = √(τ_syn/τ_m) 0.01–1.45, y_t −32 to
// 6.6/√(1 + k²), y_t − y_r 0.42–26, X = e^{−t_ref/τ_syn} 0–1. About two minutes of
// one core; the same numbers on every run of one program on one kind of processor (a compiler that
// rounds in another order comes to others, as good). Errors on 1500 further points go to stderr.
#include <nuphi/core/exact_rate.h>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "uniform_features.h"
#include "uniform_slope.h"
#include "white_passage.h"

namespace {
using namespace nuphi;
using Eigen::Index, Eigen::MatrixXd, Eigen::VectorXd;
using Features = detail::UniformFeatures<double>;

constexpr double kHalfAlpha = 1.0326265761156086;
constexpr double kValueBudget = 5e-3, kSlopeBudget = 7e-3;
constexpr int kFirst = 2500, kSecond = 5500, kShared = 1000, kCheck = 1500, kIterations = 60;
constexpr int kHidden1 = 24, kHidden2 = 26;
constexpr int kInputs1 = std::tuple_size_v<decltype(Features::threshold)>;
constexpr int kInputs2 = std::tuple_size_v<decltype(Features::reset)>;

constexpr int size_of(int inputs, int hidden) { return 1 + inputs + hidden * (inputs + 2); }
constexpr int kSize1 = size_of(kInputs1, kHidden1), kSize2 = size_of(kInputs2, kHidden2);

// ------------------------------------------------------------------------------------ the samples

struct Neuron {
  double k = 0, y_t = 0, y_r = 0, X = 0;
};

/// Points of the unit cube: fractions of n/φ, n/φ², …, φ⁵ = 1 + φ.
std::array<double, 4> cube(int n, double offset) {
  double phi = 2;
  for (int i = 0; i < 60; ++i) phi = std::pow(1 + phi, 0.2);
  std::array<double, 4> u;
  double a = 1;
  for (double& x : u) {
    a /= phi;
    x = std::fmod(std::fmod(0.5 + a * n, 1.0) + offset, 1.0);
  }
  return u;
}

/// Dense where neurons are, thin far above and below threshold.
Neuron neuron_at(int n, double offset) {
  const auto u = cube(n + 1, offset);
  Neuron p;
  p.k = u[0] < 0.06 ? 0.01 + 0.03 * u[0] / 0.06 : 0.03 + 1.42 * std::pow((u[0] - 0.06) / 0.94, 1.1);
  const double stiffness = std::sqrt(1 + p.k * p.k), top = 4 / stiffness, far = 6.6 / stiffness;
  p.y_t = u[1] < 0.03   ? -32 + 20 * u[1] / 0.03
          : u[1] < 0.27 ? -12 + 9 * (u[1] - 0.03) / 0.24
          : u[1] < 0.90 ? -3 + (top + 3) * (u[1] - 0.27) / 0.63
                        : top + (far - top) * (u[1] - 0.90) / 0.10;
  p.y_r = p.y_t - 0.42 * std::pow(26 / 0.42, u[2]);
  p.X = u[3] < 0.2 ? 1 : u[3] < 0.3 ? 0 : (u[3] - 0.3) / 0.7;
  return p;
}

/// A neuron with what is wanted of it; slopes are those along (1, 1) in (y_t, y_r).
struct Sample {
  Neuron neuron;
  double Y_t = 0, Y_r = 0, stiffness = 0, weight = 0, weight_slope = 0;
  VectorXd x1, d1, x2, d2;  ///< features of n₁ and n₂, and their slopes
  double log_time = 0, slope = 0;
  double ready = 1;  ///< ν τ_m T
  double emphasis = 1;
};

template <std::size_t n>
void split(const std::array<detail::Slope<double>, n>& from, VectorXd& value, VectorXd& slope) {
  value.resize(n);
  slope.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    value[static_cast<Index>(i)] = from[i].value;
    slope[static_cast<Index>(i)] = from[i].by_t;
  }
}

Sample sample(const Neuron& p) {
  const double tau_syn = p.k * p.k, t_ref = p.X > 0 ? -std::log(p.X) * tau_syn : 800 * tau_syn;
  const ExactRate r = exact_rate(
      0, 1, {.tau_m = 1, .t_ref = t_ref, .V_th = p.y_t, .V_reset = p.y_r, .tau_syn = tau_syn},
      {ExactResolution::kQuick, true});
  const double T = std::exp(-r.rate.log_rate) - t_ref;
  using Number = detail::Slope<double>;
  const auto f = detail::uniform_features(Number(p.y_t, 1, 0), Number(p.y_r, 1, 0), Number(p.k),
                                          Number(p.k), Number(p.X));
  Sample s;
  s.neuron = p;
  s.Y_t = f.Y_t.value;
  s.Y_r = f.Y_r.value;
  s.stiffness = f.Y_t.by_t;
  s.weight = f.weight.value;
  s.weight_slope = f.weight.by_t;
  split(f.threshold, s.x1, s.d1);
  split(f.reset, s.x2, s.d2);
  s.log_time = std::log(T);
  s.slope = r.rate.dlog_rate_dmu * (t_ref + T) / T;
  s.ready = T / (T - std::log(std::max(p.X, 0.01)) * tau_syn);  // t_ref = ∞ stands for a long one
  return s;
}

std::vector<Sample> samples(int count, double offset, bool forgetful) {
  std::vector<Sample> all;
  for (int n = 0; n < count; ++n) {
    Neuron p = neuron_at(n, offset);
    if (forgetful) p.X = 0;
    all.push_back(sample(p));
    if (!std::isfinite(all.back().log_time + all.back().slope)) all.pop_back();
  }
  return all;
}

// -------------------------------------------------------------------------------------- the model

/// n = b₀ + a·x + Σ_h c_h t(b_h + A_h·x), t(z) = z/√(1 + z²), and its slope along d.
struct Network {
  double value = 0, slope = 0;
};

/// With the partials of both in the coefficients, where wanted.
Network network(const double* p, const VectorXd& x, const VectorXd& d, int hidden,
                double* by_value = nullptr, double* by_slope = nullptr) {
  const int inputs = static_cast<int>(x.size());
  const auto put = [&](int at, double value, double slope) {
    if (!by_value) return;
    by_value[at] = value;
    by_slope[at] = slope;
  };
  Network r{p[0], 0};
  put(0, 1, 0);
  for (int i = 0; i < inputs; ++i) {
    r.value += p[1 + i] * x[i];
    r.slope += p[1 + i] * d[i];
    put(1 + i, x[i], d[i]);
  }
  for (int h = 0, at = 1 + inputs; h < hidden; ++h, at += inputs + 2) {
    double z = p[at + 1], along = 0;
    for (int i = 0; i < inputs; ++i) {
      z += p[at + 2 + i] * x[i];
      along += p[at + 2 + i] * d[i];
    }
    const double q = 1 / std::sqrt(1 + z * z), t = z * q, rise = q * q * q, c = p[at];
    r.value += c * t;
    r.slope += c * rise * along;
    const double bend = -3 * t * q * q * q * q * c * along;
    put(at, t, rise * along);
    put(at + 1, c * rise, bend);
    for (int i = 0; i < inputs; ++i)
      put(at + 2 + i, c * rise * x[i], c * rise * d[i] + bend * x[i]);
  }
  return r;
}

/// ln T and its slope, with their partials in the values and slopes of the two networks.
struct Model {
  double log_time = 0, slope = 0;
  double by_value1 = 0, by_value2 = 0;  ///< of ln T
  double slope_by_value1 = 0, slope_by_slope1 = 0, slope_by_value2 = 0, slope_by_slope2 = 0;
};

Model model(const Sample& s, const Network& n1, const Network& n2) {
  const double k = s.neuron.k, X = s.neuron.X, w = s.weight, dw = s.weight_slope;
  const double a = s.Y_t + k * (kHalfAlpha + w * n1.value), b = s.Y_r;
  if (!(a - b > 1e-3)) return {1e3, 1e3, 0, 0, 0, 0, 0, 0};  // refused by the next comparison
  const double da = s.stiffness + k * (dw * n1.value + w * n1.slope), db = s.stiffness;
  const detail::WhitePassage white(a, b);
  const detail::Partials &l = white.log_time, &g = white.log_reset;
  const double log_G = std::min(std::log(kHalfAlpha * k) + g.value + w * n2.value, 6.0);
  const double dlog_G = g.x * da + g.y * db + dw * n2.value + w * n2.slope;
  const double G = std::exp(log_G), kept = X * std::exp(-G), part = 1 - X + kept;
  const double rise = X > 0 ? -G * kept / part : 0, bend = rise * (1 - G) - rise * rise;
  Model m;
  m.log_time = l.value + std::log(part);
  m.slope = l.x * da + l.y * db + rise * dlog_G;
  m.by_value1 = m.slope_by_slope1 = (l.x + rise * g.x) * k * w;
  m.by_value2 = m.slope_by_slope2 = rise * w;
  m.slope_by_value1 =
      (l.xx * da + l.xy * db + rise * (g.xx * da + g.xy * db) + bend * g.x * dlog_G) * k * w +
      (l.x + rise * g.x) * k * dw;
  m.slope_by_value2 = rise * dw + bend * w * dlog_G;
  return m;
}

Model model(const Sample& s, const VectorXd& p) {
  return model(s, network(p.data(), s.x1, s.d1, kHidden1),
               network(p.data() + kSize1, s.x2, s.d2, kHidden2));
}

// ---------------------------------------------------------------------------------------- the fit

/// Relative errors of ν and of ∂ln ν/∂μ, in units of the budgets.
std::pair<double, double> errors(const Sample& s, const VectorXd& p) {
  const Model m = model(s, p);
  const double e = m.log_time - s.log_time;
  return {s.ready * e / kValueBudget, (m.slope / s.slope - 1 + (1 - s.ready) * e) / kSlopeBudget};
}

void report(const char* name, const std::vector<Sample>& all, const VectorXd& p) {
  double value_square = 0, value_most = 0, slope_square = 0, slope_most = 0;
  for (const Sample& s : all) {
    const auto [value, slope] = errors(s, p);
    value_square += value * value;
    slope_square += slope * slope;
    value_most = std::max(value_most, std::abs(value));
    slope_most = std::max(slope_most, std::abs(slope));
  }
  const double n = static_cast<double>(all.size());
  std::fprintf(stderr,
               "%s: rate rms %.3f %%, largest %.3f %%; slope rms %.3f %%, largest %.3f %%\n", name,
               100 * kValueBudget * std::sqrt(value_square / n), 100 * kValueBudget * value_most,
               100 * kSlopeBudget * std::sqrt(slope_square / n), 100 * kSlopeBudget * slope_most);
}

struct Weights {
  double value = 0, slope = 0;
};
Weights weights(const Sample& s) {
  return {s.emphasis * (0.1 + 0.9 * s.ready) / kValueBudget, s.emphasis / (kSlopeBudget * s.slope)};
}

VectorXd residuals(const std::vector<Sample>& all, const VectorXd& p) {
  VectorXd r(2 * static_cast<Index>(all.size()));
  Index at = 0;
  for (const Sample& s : all) {
    const Model m = model(s, p);
    const Weights w = weights(s);
    r[at++] = w.value * (m.log_time - s.log_time);
    r[at++] = w.slope * (m.slope - s.slope);
  }
  return r;
}

/// Partials of the residuals in the coefficients first … last − 1; a column for each residual.
MatrixXd jacobian(const std::vector<Sample>& all, const VectorXd& p, int first, int last) {
  MatrixXd J(last - first, 2 * static_cast<Index>(all.size()));
  VectorXd value(p.size()), slope(p.size());
  Index at = 0;
  for (const Sample& s : all) {
    const Network n1 = network(p.data(), s.x1, s.d1, kHidden1, value.data(), slope.data());
    const Network n2 = network(p.data() + kSize1, s.x2, s.d2, kHidden2, value.data() + kSize1,
                               slope.data() + kSize1);
    const Model m = model(s, n1, n2);
    const Weights w = weights(s);
    for (int j = first; j < last; ++j) {
      const bool one = j < kSize1;
      J(j - first, at) = w.value * (one ? m.by_value1 : m.by_value2) * value[j];
      J(j - first, at + 1) = w.slope * ((one ? m.slope_by_value1 : m.slope_by_value2) * value[j] +
                                        (one ? m.slope_by_slope1 : m.slope_by_slope2) * slope[j]);
    }
    at += 2;
  }
  return J;
}

/// More weight where errors are large.
void emphasise(std::vector<Sample>& all, const VectorXd& p) {
  double mean = 0;
  for (Sample& s : all) {
    const auto [value, slope] = errors(s, p);
    const double largest = std::max(std::abs(value), std::abs(slope));
    s.emphasis = std::min(s.emphasis * std::pow(0.3 + largest / 0.3, 0.25), 8.0);
    mean += s.emphasis / static_cast<double>(all.size());
  }
  for (Sample& s : all) s.emphasis = std::max(s.emphasis / mean, 0.2);
}

struct Stage {
  const char* name;
  int first, last, iterations;
  bool emphasis;
};

void fit(std::vector<Sample>& all, VectorXd& p, const Stage& stage) {
  const int size = stage.last - stage.first;
  VectorXd r = residuals(all, p);
  double damping = 1e-2;
  for (int k = 0; k < stage.iterations; ++k) {
    const MatrixXd J = jacobian(all, p, stage.first, stage.last);
    MatrixXd normal = MatrixXd::Zero(size, size);
    normal.selfadjointView<Eigen::Lower>().rankUpdate(J);
    const VectorXd gradient = J * r;
    bool moved = false;
    for (int tries = 0; tries < 10 && !moved; ++tries) {
      MatrixXd damped = normal;
      damped.diagonal().array() +=
          damping * (1e-4 * normal.diagonal().mean() + normal.diagonal().array());
      VectorXd trial = p;
      trial.segment(stage.first, size) -=
          damped.selfadjointView<Eigen::Lower>().llt().solve(gradient);
      const VectorXd then = residuals(all, trial);
      moved = then.squaredNorm() < r.squaredNorm();
      damping = moved ? std::max(1e-13, damping / 3) : 4 * damping;
      if (!moved) continue;
      p = trial;
      r = then;
    }
    if (!moved) damping = 1e-3;
    if (k % 20 == 19) report(stage.name, all, p);
    if (!stage.emphasis || k % 8 != 7) continue;
    emphasise(all, p);
    r = residuals(all, p);
    damping = std::max(damping, 1e-7);
  }
}

VectorXd start() {
  std::mt19937_64 engine(1);
  const auto uniform = [&] { return 2.0 * static_cast<double>(engine() >> 11) * 0x1p-53 - 1; };
  VectorXd p = VectorXd::Zero(kSize1 + kSize2);
  const auto fill = [&](int at, int inputs, int hidden) {
    at += 1 + inputs;
    for (int h = 0; h < hidden; ++h)
      for (int i = 0; i < inputs + 2; ++i, ++at) p[at] = (i == 0 ? 0.15 : 1.5) * uniform();
  };
  fill(0, kInputs1, kHidden1);
  fill(kSize1, kInputs2, kHidden2);
  return p;
}

void print(const char* name, const VectorXd& p, int first, int size) {
  std::printf("inline constexpr std::array<double, %d> %s = {", size, name);
  for (int i = 0; i < size; ++i)
    std::printf("%s%.12g", i == 0 ? "\n    " : i % 6 == 0 ? ",\n    " : ", ", p[first + i]);
  std::printf("};\n\n");
}

}  // namespace

int main() {
  std::vector<Sample> first = samples(kFirst, 0.37, true), both = samples(kSecond, 0, false);
  VectorXd p = start();
  constexpr int kSize = kSize1 + kSize2;
  fit(first, p, {"n1", 0, kSize1, 2 * kIterations, false});
  fit(both, p, {"n2", kSize1, kSize, 2 * kIterations, false});
  both.insert(both.end(), first.begin(), first.begin() + kShared);
  fit(both, p, {"both", 0, kSize, kIterations, false});
  fit(both, p, {"both, largest errors", 0, kSize, 2 * kIterations, true});
  report("further points", samples(kCheck, 0.71, false), p);
  std::printf(
      "// Generated by tools/reference/uniform_coefficients.cc; do not edit.\n"
      "// n = b₀ + a·x + Σ_h c_h t(b_h + A_h·x), t(z) = z/√(1 + z²), in the order b₀, a, then "
      "c_h,\n"
      "// b_h, A_h for each h; x: the features of uniform_features.h.\n"
      "#pragma once\n\n#include <array>\n\nnamespace nuphi::detail {\n\n// clang-format off\n\n");
  print("kUniformThreshold", p, 0, kSize1);
  print("kUniformReset", p, kSize1, kSize2);
  std::printf("// clang-format on\n\n}  // namespace nuphi::detail\n");
}
