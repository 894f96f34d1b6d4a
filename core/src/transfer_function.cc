#include <nuphi/core/siegert.h>
#include <nuphi/core/transfer_function.h>

#include <array>
#include <cmath>
#include <limits>

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;
constexpr TransferRate kUndefined{kNaN, kNaN, kNaN};

bool in_domain(double mu, double sigma) { return sigma >= 0 && !std::isnan(mu); }

/// slope · [x]₊; without a gradient at the bend.
TransferRate bent_line(double slope, double x) {
  if (x == 0) return {0, kNaN, kNaN};
  return x > 0 ? TransferRate{slope * x, slope, 0} : TransferRate{0, 0, 0};
}

/// ∫_x^∞ erfc = e^{−x²}/√π − x erfc x; for x ≥ 1, where these cancel, by the continued fraction
/// 1/(2x + 2/(2x + 4/(2x + 6/…))) of the ratios of successive integrals (Gautschi 1961).
double integrated_erfc(double x) {
  constexpr double kInverseSqrtPi = std::numbers::inv_sqrtpi;
  const double gauss = std::exp(-x * x);
  if (x < 1) return kInverseSqrtPi * gauss - x * std::erfc(x);
  double ratio = 0;
  double previous = 0;
  const int terms = 30 + static_cast<int>(250 / (x * x));  // the error falls as e^{−2x√(2·terms)}
  for (int n = terms; n >= 0; --n) {
    previous = ratio;
    ratio = 1 / (2 * x + 2 * (n + 1) * ratio);
  }
  return 2 * kInverseSqrtPi * gauss * ratio * previous;
}

}  // namespace

TransferRate LifTransfer::operator()(double mu, double sigma) const noexcept {
  const SiegertRate r = siegert(mu, sigma, neuron, correction);
  return {r.rate, r.drate_dmu, r.drate_dsigma};
}

TransferRate BinaryTransfer::operator()(double mu, double sigma) const noexcept {
  if (!in_domain(mu, sigma)) return kUndefined;
  const double x = mu - theta;
  if (sigma == 0)
    return x == 0 ? TransferRate{0.5, kNaN, kNaN} : TransferRate{x > 0 ? 1. : 0., 0, 0};
  const double z = x / sigma;
  const double density = kInverseSqrtTwoPi * std::exp(-0.5 * z * z) / sigma;
  const double fall = density == 0 ? 0 : -z * density;
  return {0.5 * std::erfc(-z / std::numbers::sqrt2), density, fall};
}

TransferRate ThresholdLinearTransfer::operator()(double mu, double sigma) const noexcept {
  if (!in_domain(mu, sigma)) return kUndefined;
  const double x = mu - theta, deviation = spread * sigma;
  if (deviation == 0) return bent_line(gain, x);
  const double z = x / deviation;
  const double y = z / std::numbers::sqrt2;
  // E[x]₊ = [x]₊ + D/√2 ∫_{|y|}^∞ erfc
  const double tail = deviation / std::numbers::sqrt2 * integrated_erfc(std::abs(y));
  return {gain * (std::fmax(x, 0) + tail), gain * 0.5 * std::erfc(-y),
          gain * spread * kInverseSqrtTwoPi * std::exp(-y * y)};
}

TransferRate NoisySoftplusTransfer::operator()(double mu, double sigma) const noexcept {
  if (!in_domain(mu, sigma) || !(k > 0)) return kUndefined;
  const double x = mu - theta, width = k * sigma;
  if (width == 0) return bent_line(S, x);
  const double u = x / width;
  // ln(1 + e^u) = [u]₊ + ln(1 + e^{−|u|}): nothing overflows, and both tails keep their digits.
  const double small = std::exp(-std::abs(u));
  const double bend = std::log1p(small);
  const double minor = small / (1 + small);  // 1/(1 + e^{|u|})
  const double d_width = bend + (small == 0 ? 0 : std::abs(u) * minor);
  return {S * (std::fmax(x, 0) + width * bend), S * (u > 0 ? 1 / (1 + small) : minor),
          S * k * d_width};
}

TransferRate evaluate(const TransferFunction& function, double mu, double sigma) {
  if (const auto* callable = std::get_if<CallableTransfer>(&function); callable && !*callable) {
    return kUndefined;
  }
  return std::visit([=](const auto& f) { return f(mu, sigma); }, function);
}

std::string_view name_of(const TransferFunction& function) {
  constexpr std::array<std::string_view, std::variant_size_v<TransferFunction>> kNames = {
      "lif", "binary", "threshold_linear", "noisy_softplus", "tabulated", "callable", "power_law"};
  return kNames[function.index()];
}

double rate_bound(const TransferFunction& function) {
  if (const auto* lif = std::get_if<LifTransfer>(&function)) return 1 / lif->neuron.t_ref;
  if (std::holds_alternative<BinaryTransfer>(function)) return 1;
  if (const auto* table = std::get_if<TabulatedTransfer>(&function)) return table->largest_rate();
  return kInfinity;
}

}  // namespace nuphi
