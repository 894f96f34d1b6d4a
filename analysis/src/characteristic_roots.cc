#include <nuphi/analysis/stability.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <stdexcept>

#include "complex_lu.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;
constexpr double kPi = std::numbers::pi;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double width(const Rectangle& r) { return r.right - r.left; }
double height(const Rectangle& r) { return r.top - r.bottom; }
double size(const Rectangle& r) { return std::max(width(r), height(r)); }

bool contains(const Rectangle& r, Complex z, double margin) {
  return z.real() >= r.left - margin && z.real() <= r.right + margin &&
         z.imag() >= r.bottom - margin && z.imag() <= r.top + margin;
}

struct Halves {
  Rectangle first, second;
};

Halves halve(const Rectangle& r, double fraction) {
  Halves halves{r, r};
  if (width(r) > height(r))
    halves.first.right = halves.second.left = r.left + fraction * width(r);
  else
    halves.first.top = halves.second.bottom = r.bottom + fraction * height(r);
  return halves;
}

class Search {
 public:
  Search(const MatrixFunction& function, const Rectangle& region,
         const CharacteristicRootsOptions& options)
      : function_(function), options_(options), scale_(size(region)) {}

  CharacteristicRoots run(Rectangle region);

 private:
  struct Point {
    Complex z;
    detail::LogDeterminant f;
  };

  [[nodiscard]] bool exhausted() const { return evaluations_ >= options_.max_evaluations; }
  Point evaluate(Complex z);
  std::optional<double> turn_along(Complex from, Complex to);
  std::optional<int> count(const Rectangle& r);
  std::optional<Complex> newton(Complex start, const std::vector<Complex>& known);
  std::vector<Complex> find(const Rectangle& r, int wanted);
  bool split(const Rectangle& r, int wanted);
  bool solve(const Rectangle& r, int wanted);

  const MatrixFunction& function_;
  const CharacteristicRootsOptions& options_;
  double scale_;
  int evaluations_ = 0;
  std::vector<Complex> roots_;
};

Search::Point Search::evaluate(Complex z) {
  ++evaluations_;
  const MatrixFunctionValue A = function_(z);
  return {z, detail::log_determinant(A.value, A.derivative)};
}

/// By how much arg det A turns from one point to another; empty where a root lies on the way.
std::optional<double> Search::turn_along(Complex from, Complex to) {
  const Complex direction = (to - from) / std::abs(to - from);
  const double length = std::abs(to - from), shortest = 1e-12 * scale_;
  double turned = 0, done = 0, step = length;
  Point here = evaluate(from);
  while (done < length) {
    // |d ln det A/dz| is about the inverse distance to the nearest root: stay well inside it.
    step = std::min({step, 0.4 / std::abs(here.f.slope), length - done});
    if (!(step > std::min(shortest, length - done)) && step < length - done) return std::nullopt;
    if (exhausted()) return std::nullopt;
    const bool last = step >= length - done;
    const Point next = evaluate(last ? to : from + (done + step) * direction);
    const double change = std::arg(next.f.phase * std::conj(here.f.phase));
    const double foretold = (0.5 * (here.f.slope + next.f.slope) * step * direction).imag();
    const bool smooth = std::abs(change) < kPi / 4 && std::abs(change - foretold) < kPi / 8;
    if (!smooth) {
      step /= 2;
      if (step < shortest) return std::nullopt;
      continue;
    }
    turned += change;
    done = last ? length : done + step;
    here = next;
    step *= 2;
  }
  return turned;
}

std::optional<int> Search::count(const Rectangle& r) {
  const std::array<Complex, 4> corners = {Complex(r.left, r.bottom), Complex(r.right, r.bottom),
                                          Complex(r.right, r.top), Complex(r.left, r.top)};
  double turned = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const std::optional<double> side = turn_along(corners[k], corners[(k + 1) % 4]);
    if (!side) return std::nullopt;
    turned += *side;
  }
  const double turns = turned / (2 * kPi);
  if (std::abs(turns - std::round(turns)) > 0.1) return std::nullopt;
  return static_cast<int>(std::lround(turns));
}

/// Newton's method on det A(z)/Π(z − z_j) over the known roots z_j.
std::optional<Complex> Search::newton(Complex start, const std::vector<Complex>& known) {
  Complex z = start;
  for (int k = 0; k < 60 && !exhausted(); ++k) {
    Complex slope = evaluate(z).f.slope;
    for (const Complex& root : known) slope -= 1.0 / (z - root);
    const Complex step = -1.0 / slope;
    if (!std::isfinite(step.real()) || !std::isfinite(step.imag())) return z;  // on the root itself
    z += step;
    if (std::abs(z - start) > 20 * scale_) return std::nullopt;
    if (std::abs(step) <= options_.tolerance * std::max(std::abs(z), 1e-6 * scale_)) return z;
  }
  return std::nullopt;
}

std::vector<Complex> Search::find(const Rectangle& r, int wanted) {
  std::vector<Complex> found;
  const int starts = 3 + 3 * wanted;
  const double margin = 1e-9 * scale_;
  for (int k = 0; k < starts && static_cast<int>(found.size()) < wanted; ++k) {
    // The centre first, then points of a low-discrepancy sequence.
    const double x = std::fmod(0.5 + k * 0.7548776662466927, 1.0);
    const double y = std::fmod(0.5 + k * 0.5698402909980532, 1.0);
    const Complex start(r.left + x * width(r), r.bottom + y * height(r));
    std::optional<Complex> root = newton(start, found);
    if (root && !found.empty()) root = newton(*root, {});  // polish without the deflated factors
    if (!root || !contains(r, *root, margin)) continue;
    const bool repeated = std::any_of(found.begin(), found.end(), [&](Complex other) {
      return std::abs(*root - other) < margin;
    });
    if (!repeated) found.push_back(*root);
  }
  return found;
}

bool Search::split(const Rectangle& r, int wanted) {
  for (const double fraction : {0.4871, 0.5613, 0.4309, 0.6127}) {
    const Halves halves = halve(r, fraction);
    const std::optional<int> first = count(halves.first), second = count(halves.second);
    if (!first || !second || *first + *second != wanted) continue;
    const bool one = solve(halves.first, *first), other = solve(halves.second, *second);
    return one && other;
  }
  return false;
}

bool Search::solve(const Rectangle& r, int wanted) {
  if (wanted == 0) return true;
  if (wanted < 0 || exhausted()) return false;
  constexpr int kAtOnce = 6;
  if (wanted <= kAtOnce) {
    std::vector<Complex> found = find(r, wanted);
    const bool is_point = size(r) < 1e-7 * scale_;
    // What cannot be told apart in so small a rectangle is one multiple root.
    if (is_point && !found.empty()) found.resize(static_cast<std::size_t>(wanted), found[0]);
    if (static_cast<int>(found.size()) == wanted) {
      roots_.insert(roots_.end(), found.begin(), found.end());
      return true;
    }
    if (is_point) return false;
  }
  return split(r, wanted);
}

CharacteristicRoots Search::run(Rectangle region) {
  CharacteristicRoots result;
  std::optional<int> wanted = count(region);
  for (int k = 0; k < 3 && !wanted && !exhausted(); ++k) {
    const double margin = 1e-6 * scale_;
    region = {region.left - margin, region.right + margin, region.bottom - margin,
              region.top + margin};
    wanted = count(region);
  }
  if (wanted) {
    result.count = *wanted;
    result.complete = solve(region, *wanted);
  }
  result.roots = roots_;
  std::sort(result.roots.begin(), result.roots.end(), [](Complex a, Complex b) {
    return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
  });
  result.evaluations = evaluations_;
  return result;
}

}  // namespace

CharacteristicRoots characteristic_roots(const MatrixFunction& function, const Rectangle& region,
                                         const CharacteristicRootsOptions& options) {
  if (!(width(region) > 0) || !(height(region) > 0) || !(size(region) < kInfinity))
    throw std::invalid_argument("characteristic roots: the rectangle is empty or not finite");
  if (!(options.tolerance > 0) || options.max_evaluations < 1)
    throw std::invalid_argument("characteristic roots: tolerance and max_evaluations must be > 0");
  return Search(function, region, options).run(region);
}

std::complex<double> characteristic_root(const MatrixFunction& function, std::complex<double> start,
                                         double tolerance) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Complex z = start;
  for (int k = 0; k < 50; ++k) {
    const MatrixFunctionValue A = function(z);
    const Complex step = -1.0 / detail::log_determinant(A.value, A.derivative).slope;
    if (!std::isfinite(step.real()) || !std::isfinite(step.imag())) {
      // A singular to the last bit has an infinite slope: z is the root. NaN otherwise.
      return std::isfinite(std::abs(z)) && A.value.allFinite() ? z : Complex(nan, nan);
    }
    z += step;
    if (std::abs(step) <= tolerance * std::abs(z)) return z;
  }
  return {nan, nan};
}

}  // namespace nuphi
