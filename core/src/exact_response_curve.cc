#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/exact_response_curve.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <mutex>
#include <vector>

#include "rational_fit.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;
using Eigen::MatrixXcd, Eigen::VectorXcd;

constexpr double kFirstRange = 30;  // ωτ_m
constexpr double kSmall = 1e-3;     // of the largest modulus: errors are relative to no less
constexpr std::size_t kFirstSamples = 5;
constexpr std::size_t kMostSamples = 60;
constexpr int kCandidates = 400;

/// δν/δμ, δν/δσ², S/ν at ω.
using Functions = std::function<VectorXcd(double)>;

struct Range {
  double from = 0, to = 0;  ///< ω

  /// Places that crowd to the lower end, where a neuron has its resonances, q from 0 to 1.
  [[nodiscard]] double at(double q) const {
    constexpr double kCrowding = 20;  // of the whole to the first steps
    return from + (to - from) * std::expm1(q * std::log1p(kCrowding)) / kCrowding;
  }
};

/// Samples of functions, and what goes through them.
class Samples {
 public:
  void add(double omega, const VectorXcd& value) {
    x_.push_back(omega);
    values_.conservativeResize(value.size(), static_cast<Eigen::Index>(x_.size()));
    values_.col(values_.cols() - 1) = value;
    largest_ = values_.cwiseAbs().rowwise().maxCoeff();
    before_ = fit_;
    fit_ = detail::RationalFit(x_, values_);
  }
  [[nodiscard]] std::size_t size() const { return x_.size(); }
  [[nodiscard]] const std::vector<double>& places() const { return x_; }
  [[nodiscard]] VectorXcd at(double omega) const { return fit_.at(omega); }
  /// Largest relative difference of two values; ∞ for NaN.
  [[nodiscard]] double difference(const VectorXcd& a, const VectorXcd& b) const {
    double worst = 0;
    for (Eigen::Index k = 0; k < a.size(); ++k) {
      const double error = std::abs(a[k] - b[k]) / std::max(std::abs(b[k]), kSmall * largest_[k]);
      if (!(error <= worst)) worst = std::isnan(error) ? HUGE_VAL : error;
    }
    return worst;
  }
  /// Where in the range the functions differ most from `other`, not at a sample.
  [[nodiscard]] double worst_place(const Range& range, const Functions& other) const {
    double worst = -1, place = range.to;
    for (int k = 0; k < kCandidates; ++k) {
      const double omega = range.at((k + 0.5) / kCandidates);
      if (std::find(x_.begin(), x_.end(), omega) != x_.end()) continue;
      const double error = difference(at(omega), other(omega));
      if (error > worst) {
        worst = error;
        place = omega;
      }
    }
    return place;
  }
  /// Where the last sample changed them most.
  [[nodiscard]] double changed_place(const Range& range) const {
    return worst_place(range, [this](double omega) { return before_.at(omega); });
  }

 private:
  std::vector<double> x_;
  MatrixXcd values_;
  Eigen::VectorXd largest_;
  detail::RationalFit fit_, before_;
};

Samples first_samples(const Range& range, const Functions& functions) {
  Samples samples;
  for (std::size_t k = 0; k < kFirstSamples; ++k) {
    const double omega = range.at(static_cast<double>(k) / (kFirstSamples - 1));
    samples.add(omega, functions(omega));
  }
  return samples;
}

/// Where functions that cost nothing have to be known for their interpolation to be good.
std::vector<double> planned_places(const Range& range, const Functions& cheap, double tolerance) {
  Samples samples = first_samples(range, cheap);
  if (!cheap(range.to).allFinite()) return samples.places();
  while (samples.size() < kMostSamples) {
    const double place = samples.worst_place(range, cheap);
    const VectorXcd value = cheap(place);
    if (samples.difference(samples.at(place), value) < tolerance) break;
    samples.add(place, value);
  }
  return samples.places();
}

/// One range of frequencies.
struct Piece {
  Range range;
  Samples samples;
  double error = 0;
  bool is_good = false;  ///< within the tolerance; else every frequency is solved by itself
};

Piece piece_of(const Range& range, const Functions& exact, const Functions& cheap,
               double tolerance) {
  Piece piece{range, {}, 0, false};
  if (!exact(range.to).allFinite()) return piece;
  for (const double omega : planned_places(range, cheap, 0.5 * tolerance))
    piece.samples.add(omega, exact(omega));
  int agreeing = 0;
  while (agreeing < 2 && piece.samples.size() < kMostSamples) {
    const double place = piece.samples.changed_place(range);
    const VectorXcd value = exact(place);
    piece.error = piece.samples.difference(piece.samples.at(place), value);
    agreeing = piece.error <= tolerance ? agreeing + 1 : 0;
    piece.samples.add(place, value);
  }
  piece.is_good = agreeing == 2;
  return piece;
}

}  // namespace

struct ExactResponseCurve::Solutions {
  double mu, sigma;
  LifParameters neuron;
  double tolerance;
  std::mutex access;
  std::vector<Piece> pieces;

  [[nodiscard]] ExactResponse solved(double omega) const {
    return exact_response(mu, sigma, neuron, std::span(&omega, 1), ExactResolution::kQuick)[0];
  }
  void extend() {
    const double from = pieces.empty() ? 0 : pieces.back().range.to;
    const double to = pieces.empty() ? kFirstRange / neuron.tau_m : 2 * from;
    const DynamicResponse white(mu, sigma, neuron, Correction::kUniform);
    const auto exact = [this](double omega) {
      const ExactResponse r = solved(omega);
      return VectorXcd((VectorXcd(3) << r.d_mu, r.d_variance, r.spectrum).finished());
    };
    const auto cheap = [&white](double omega) {
      const LinearResponse r = white.at_frequency(omega);
      return VectorXcd((VectorXcd(3) << r.d_mu, r.d_variance, white.spectrum(omega)).finished());
    };
    pieces.push_back(piece_of({from, to}, exact, cheap, tolerance));
  }
  /// The piece of ω, with the lock held.
  const Piece& piece(double omega) {
    while (pieces.empty() || pieces.back().range.to < omega) extend();
    return *std::find_if(pieces.begin(), pieces.end(),
                         [&](const Piece& p) { return omega <= p.range.to; });
  }
};

ExactResponseCurve::ExactResponseCurve(double mu, double sigma, const LifParameters& neuron,
                                       double tolerance)
    : solutions_(std::make_shared<Solutions>()) {
  solutions_->mu = mu;
  solutions_->sigma = sigma;
  solutions_->neuron = neuron;
  solutions_->tolerance = tolerance;
}

ExactResponse ExactResponseCurve::at_frequency(double omega) const {
  Solutions& s = *solutions_;
  if (!(omega > 0) || !std::isfinite(omega)) return s.solved(omega);
  VectorXcd value;
  {
    const std::scoped_lock lock(s.access);
    const Piece& piece = s.piece(omega);
    if (piece.is_good) value = piece.samples.at(omega);
  }
  if (value.size() == 0) return s.solved(omega);
  ExactResponse r;
  r.d_mu = value[0];
  r.d_variance = value[1];
  r.spectrum = value[2].real();
  return r;
}

ExactResponseCurve::Quality ExactResponseCurve::quality(double omega) const {
  const std::scoped_lock lock(solutions_->access);
  Quality quality;
  solutions_->piece(omega);
  for (const Piece& piece : solutions_->pieces) {
    if (piece.range.from >= omega && piece.range.from > 0) break;
    quality.solutions += static_cast<int>(piece.samples.size());
    if (piece.is_good) quality.error = std::max(quality.error, piece.error);
  }
  return quality;
}

}  // namespace nuphi
