#include <nuphi/analysis/spatial.h>
#include <nuphi/core/special_functions.h>
#include <nuphi/models/delays.h>
#include <nuphi/solver/linear_algebra.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "spatial_characteristic.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;
using detail::CommonTimes;
using detail::SpatialCharacteristic;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool grows_faster(const SpatialMode& a, const SpatialMode& b) {
  const Complex x = a.eigenvalue, y = b.eigenvalue;
  return x.real() != y.real() ? x.real() > y.real() : x.imag() > y.imag();
}

/// The branches b, b + step, … of one eigenvalue c, down to min_growth. Their growth rates fall.
bool add_branches(Complex c, const CommonTimes& times, int first, int step, double min_growth,
                  std::vector<Complex>& eigenvalues) {
  constexpr int kMost = 1000;
  for (int k = 0, branch = first; k < kMost; ++k, branch += step) {
    const Complex lambda = rate_mode(c, times.tau, times.delay, branch);
    if (!(lambda.real() >= min_growth)) return true;
    eigenvalues.push_back(lambda);
  }
  return false;
}

struct Eigenvalues {
  std::vector<Complex> values;
  bool complete = false;
};

Eigenvalues by_lambert_w(const SpatialCharacteristic& A, const CommonTimes& times,
                         double min_growth) {
  Eigenvalues result{{}, true};
  for (const Complex& c : dense::eigenvalues(A.coupling())) {
    const bool up = add_branches(c, times, 0, 1, min_growth, result.values);
    const bool down = times.delay == 0 || add_branches(c, times, -1, -1, min_growth, result.values);
    result.complete = result.complete && up && down;
  }
  return result;
}

Eigenvalues by_search(const SpatialCharacteristic& A, double min_growth) {
  const std::optional<Rectangle> region = A.enclosure(min_growth);
  if (!region) return {{}, true};
  const CharacteristicRoots found = characteristic_roots(A, *region);
  Eigenvalues result{{}, found.complete};
  for (const Complex& lambda : found.roots)
    if (lambda.real() >= min_growth) result.values.push_back(lambda);
  return result;
}

/// Below this an imaginary part is rounding.
double smallest_frequency(Complex lambda, double tau) {
  return 1e-9 * std::max(std::abs(lambda), 1 / tau);
}

SpatialSpectrum modes(const SpatialCharacteristic& A, const std::optional<CommonTimes>& times,
                      double tau, double min_growth) {
  const Eigenvalues found = times ? by_lambert_w(A, *times, min_growth) : by_search(A, min_growth);
  SpatialSpectrum spectrum{{}, found.complete};
  // The model is real: eigenvalues are real or come in pairs, of which the upper ones are kept and
  // mirrored.
  for (const Complex& lambda : found.values) {
    const double zero = smallest_frequency(lambda, tau);
    if (lambda.imag() < -zero) continue;
    const bool real = lambda.imag() <= zero;
    SpatialMode mode = A.mode(real ? Complex(lambda.real(), 0) : lambda);
    spectrum.modes.push_back(mode);
    if (real) continue;
    mode.eigenvalue = std::conj(mode.eigenvalue), mode.group_velocity = -mode.group_velocity;
    spectrum.modes.push_back(mode);
  }
  std::sort(spectrum.modes.begin(), spectrum.modes.end(), grows_faster);
  return spectrum;
}

/// The same with every delay at its mean.
SpatialRateModel with_constant_delays(SpatialRateModel model) {
  for (Delay& delay : model.delays)
    delay = {DelayDistribution::kConstant, -delay_transform(delay, 0.0).derivative.real()};
  return model;
}

/// The leading mode at one wave number: the search goes to the left until it meets one.
class LeadingMode {
 public:
  explicit LeadingMode(const SpatialRateModel& model)
      : model_(model),
        at_mean_delays_(with_constant_delays(model)),
        times_(detail::common_times(model)),
        unit_(1 / model.tau.maxCoeff()),
        end_(std::max(-64 * unit_, 0.95 * detail::singular_growth(model))) {}

  struct Result {
    SpatialMode mode;
    bool complete = false;
  };

  [[nodiscard]] Result operator()(double wavenumber) const {
    const SpatialCharacteristic A(model_, wavenumber);
    if (times_) return principal(A);
    bool decays = false;
    for (const double step : {0.5, 0.0, -1.0, -2.5, -5.0, -11.0, -24.0, -64.0}) {
      const double left = std::max(step * unit_, end_);
      const SpatialSpectrum spectrum = modes(A, times_, 1 / unit_, left);
      if (!spectrum.complete) break;
      if (!spectrum.modes.empty()) return {spectrum.modes.front(), true};
      decays = decays || left <= 0;
      if (left == end_) break;
    }
    return {continued(A, wavenumber), decays};
  }

 private:
  [[nodiscard]] Result principal(const SpatialCharacteristic& A) const {
    Complex best(-std::numeric_limits<double>::infinity(), 0);
    for (const Complex& c : dense::eigenvalues(A.coupling())) {
      const Complex lambda = rate_mode(c, times_->tau, times_->delay, 0);
      const bool ahead = lambda.real() > best.real() ||
                         (lambda.real() == best.real() && lambda.imag() > best.imag());
      if (ahead) best = lambda;
    }
    return {A.mode(best), std::isfinite(best.real())};
  }

  /// Left of a singularity of the delays nothing can be counted; Newton's method from the modes at
  /// mean delays.
  [[nodiscard]] SpatialMode continued(const SpatialCharacteristic& A, double wavenumber) const {
    SpatialMode best{wavenumber, {-std::numeric_limits<double>::infinity(), 0}, kNaN, kNaN};
    const SpatialCharacteristic start(at_mean_delays_, wavenumber);
    constexpr std::size_t kFirst = 6;
    for (const double left : {-1.0, -5.0, -24.0}) {
      const SpatialSpectrum spectrum =
          modes(start, detail::common_times(at_mean_delays_), 1 / unit_, left * unit_);
      for (std::size_t m = 0; m < std::min(kFirst, spectrum.modes.size()); ++m) {
        const Complex lambda = characteristic_root(A, spectrum.modes[m].eigenvalue);
        if (lambda.real() > best.eigenvalue.real()) best = A.mode(lambda);
      }
      if (std::isfinite(best.eigenvalue.real())) return best;
    }
    return {wavenumber, {kNaN, kNaN}, kNaN, kNaN};
  }

  const SpatialRateModel& model_;
  SpatialRateModel at_mean_delays_;
  std::optional<CommonTimes> times_;
  double unit_;
  double end_;
};

/// Maximum of the growth rate of the mode that leads at `peak`, between two wave numbers: the zero
/// of dRe λ/dk.
SpatialMode refine(const SpatialRateModel& model, SpatialMode peak, double low, double high) {
  SpatialMode best = peak;
  for (int k = 0; k < 60 && high - low > 1e-14 * high; ++k) {
    const double middle = 0.5 * (low + high);
    const SpatialCharacteristic A(model, middle);
    const Complex lambda = characteristic_root(A, best.eigenvalue);
    if (!std::isfinite(lambda.real())) break;
    const SpatialMode mode = A.mode(lambda);
    (mode.growth_slope > 0 ? low : high) = middle;
    if (mode.eigenvalue.real() > best.eigenvalue.real()) best = mode;
  }
  return best;
}

SpatialPattern pattern_of(const SpatialMode& mode, double largest_wavenumber, double tau) {
  const bool steady = std::abs(mode.eigenvalue.imag()) <= smallest_frequency(mode.eigenvalue, tau);
  const bool uniform = mode.wavenumber <= 1e-6 * largest_wavenumber;
  if (uniform) return steady ? SpatialPattern::kUniform : SpatialPattern::kHopf;
  return steady ? SpatialPattern::kTuring : SpatialPattern::kTuringHopf;
}

}  // namespace

std::complex<double> rate_mode(std::complex<double> c, double tau, double delay,
                               int branch) noexcept {
  if (delay == 0) return branch == 0 ? (c - 1.0) / tau : Complex(kNaN, kNaN);
  const double ratio = delay / tau;
  return -1 / tau + lambert_w(branch, c * (ratio * std::exp(ratio))) / delay;
}

SpatialSpectrum spatial_modes(const SpatialRateModel& model, double wavenumber, double min_growth) {
  detail::check(model);
  const double singular = detail::singular_growth(model);
  // The lognormal's cut ends at 0, where its transform is still smooth; the others have poles.
  if (!(min_growth > singular) && !(min_growth == 0 && singular == 0))
    throw std::invalid_argument("spatial modes: min_growth lies left of a singularity of a delay");
  const SpatialCharacteristic A(model, wavenumber);
  return modes(A, detail::common_times(model), model.tau.maxCoeff(), min_growth);
}

SpatialStability spatial_stability(const SpatialRateModel& model,
                                   const Eigen::VectorXd& wavenumbers) {
  detail::check(model);
  const Eigen::Index m = wavenumbers.size();
  if (m == 0 || !(wavenumbers[0] >= 0) ||
      (m > 1 && !((wavenumbers.tail(m - 1) - wavenumbers.head(m - 1)).minCoeff() > 0)))
    throw std::invalid_argument("spatial stability: wave numbers must be ≥ 0 and rise");
  SpatialStability result;
  result.complete = true;
  const LeadingMode leading(model);
  std::size_t peak = 0;
  for (Eigen::Index k = 0; k < m; ++k) {
    const LeadingMode::Result found = leading(wavenumbers[k]);
    result.complete = result.complete && found.complete;
    result.leading.push_back(found.mode);
    const bool first = std::isnan(result.leading[peak].eigenvalue.real());
    if (first || grows_faster(found.mode, result.leading[peak])) peak = result.leading.size() - 1;
  }
  result.critical = result.leading[peak];
  const auto at = [&](std::size_t k) { return wavenumbers[static_cast<Eigen::Index>(k)]; };
  const double slope = result.critical.growth_slope;
  if (slope > 0 && peak + 1 < result.leading.size())
    result.critical = refine(model, result.critical, at(peak), at(peak + 1));
  else if (slope < 0 && peak > 0)
    result.critical = refine(model, result.critical, at(peak - 1), at(peak));
  result.pattern = pattern_of(result.critical, wavenumbers[m - 1], model.tau.maxCoeff());
  result.stable = result.critical.eigenvalue.real() < 0;
  return result;
}

}  // namespace nuphi
