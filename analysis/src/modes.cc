#include "modes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "eigen_system.h"

namespace nuphi::detail {
namespace {

constexpr int kGridStarts = 24;
constexpr int kIterations = 40;  // of Muller's method
constexpr int kQuick = 15;       // where there may be no zero
// Of a zero; what is none, such as those of g, has residuals of order 1.
constexpr double kLargestResidual = 1e-3;
constexpr int kMostHalvings = 24;  // of a strip

/// ln of a determinant, up to whole turns.
Complex logarithm(const Determinant& d) { return {d.log_modulus, std::arg(d.direction)}; }

bool same(Complex a, Complex b) { return std::abs(a - b) <= 1e-8 * std::max(std::abs(a), 1.0); }

/// d ln Δ/dz between two points.
Complex log_slope(Complex from, const Determinant& at_from, Complex to, const Determinant& at_to) {
  const Complex change(at_to.log_modulus - at_from.log_modulus,
                       std::arg(at_to.direction * std::conj(at_from.direction)));
  return change / (to - from);
}

/// Eigenvector of the eigenvalue of M nearest to 1 by inverse iteration, as what it says of a mode.
Mode describe(LoopMatrix& loops, Complex z) {
  Eigen::MatrixXcd M;
  loops.effective_connectivity(z, M);
  const Eigen::Index n = M.rows();
  Eigen::MatrixXcd shifted = -M;
  // A shift of a few roundings keeps the factorisation regular where 1 is an eigenvalue to the last
  // digit.
  shifted.diagonal().array() += 1.0 + 1e-14;
  Eigen::VectorXcd right(n), left(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    right[i] = 1 + 0.1 * static_cast<double>(i) / static_cast<double>(n);
    left[i] = 1 - 0.1 * static_cast<double>(i) / static_cast<double>(n);
  }
  find_null_vectors(shifted, right, left);
  Mode mode;
  mode.eigenvalue = z;
  mode.residual = std::abs(1.0 - left.dot(M * right) / left.dot(right));
  mode.participation = Eigen::VectorXd::Zero(loops.response().size());
  for (Eigen::Index i = 0; i < n; ++i)
    mode.participation[loops.populations()[static_cast<std::size_t>(i)]] =
        std::abs(left[i]) * std::abs(right[i]);
  const double sum = mode.participation.sum();
  if (sum > 0) mode.participation /= sum;
  return mode;
}

/// Muller's method on det/Π(z − z_k) over the zeros z_k already known, and their conjugates.
class Muller {
 public:
  Muller(LoopMatrix& matrix, std::vector<Mode> known) : matrix_(matrix), known_(std::move(known)) {}

  /// @param spread  of the first three points, relative to |start|
  /// @param most    iterations
  std::optional<Complex> from(Complex start, double spread = 1e-3, int most = kIterations) {
    const double reach = std::max(std::abs(start), 100.0);
    const Complex offset(spread * reach, spread * reach);
    std::array<Complex, 3> z = {start + offset, start - offset, start};
    std::array<Complex, 3> log = {value(z[0]), value(z[1]), value(z[2])};
    double previous = std::numeric_limits<double>::infinity();
    for (int iteration = 0; iteration < most; ++iteration) {
      Complex step = step_of(z, log);
      const double size = std::abs(step);
      if (!std::isfinite(size))
        return std::isinf(log[2].real()) ? std::optional(z[2]) : std::nullopt;
      if (size > 0.3 * reach) step *= 0.3 * reach / size;
      const Complex next = z[2] + step;
      if (std::abs(next) > 10 * reach) return std::nullopt;
      const double scale = std::max(std::abs(next), 1.0);
      if (size <= 1e-14 * scale || (size <= 1e-10 * scale && size >= 0.5 * previous)) return next;
      previous = size;
      z = {z[1], z[2], next};
      log = {log[1], log[2], value(next)};
    }
    return std::nullopt;
  }

 private:
  Complex value(Complex z) {
    Complex log = logarithm(matrix_.scaled_determinant(z));
    for (const Mode& m : known_) {
      log -= std::log(z - m.eigenvalue);
      if (m.eigenvalue.imag() > 0) log -= std::log(z - std::conj(m.eigenvalue));
    }
    return log;
  }

  /// To the nearer zero of the parabola through three points.
  static Complex step_of(const std::array<Complex, 3>& z, const std::array<Complex, 3>& log) {
    const double largest = std::max({log[0].real(), log[1].real(), log[2].real()});
    std::array<Complex, 3> f;
    for (std::size_t k = 0; k < 3; ++k) f[k] = std::exp(log[k] - largest);
    const Complex first = (f[2] - f[1]) / (z[2] - z[1]), second = (f[1] - f[0]) / (z[1] - z[0]);
    const Complex curvature = (first - second) / (z[2] - z[0]);
    const Complex slope = first + (z[2] - z[1]) * curvature;
    const Complex root = std::sqrt(slope * slope - 4.0 * f[2] * curvature);
    const Complex plus = slope + root, minus = slope - root;
    return -2.0 * f[2] / (std::norm(plus) > std::norm(minus) ? plus : minus);
  }

  LoopMatrix& matrix_;
  std::vector<Mode> known_;
};

class ModeSearch {
 public:
  ModeSearch(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits)
      : matrix_(matrix), count_(count), limits_(limits) {}

  /// The mode that the iteration reaches from `start`; where it is a known one, another near by.
  void from(Complex start) {
    const std::optional<Complex> z = Muller(matrix_, {}).from(start);
    if (z && keep(*z)) return;
    const std::optional<Complex> other = Muller(matrix_, modes_).from(start);
    if (other) keep(polished(*other));
  }

  /// A mode that is not yet known, if one is quickly found.
  void another_from(Complex start) {
    const std::optional<Complex> z = Muller(matrix_, modes_).from(start, 1e-3, kQuick);
    if (z) keep(polished(*z));
  }

  [[nodiscard]] std::size_t found() const { return modes_.size(); }

  /// Modes to the right of the axis with low ≤ Im z < high, a conjugate pair counted twice.
  [[nodiscard]] int unstable(double low, double high) const {
    int sum = 0;
    for (const Mode& m : modes_) {
      const double omega = m.eigenvalue.imag();
      if (m.eigenvalue.real() > 0 && omega >= low && omega < high) sum += omega > 0 ? 2 : 1;
    }
    return sum;
  }
  [[nodiscard]] int unstable() const {
    return unstable(0, std::numeric_limits<double>::infinity());
  }

  /// Modes between two ω below which `at_low` and `at_high` lie.
  void close_in(double low, int at_low, double high, int at_high, int halvings) {
    const auto complete = [&] { return unstable(low, high) >= at_high - at_low; };
    const double middle = 0.5 * (low + high), height = high - low;
    for (const double right : {0.1, 0.5, 2.0, 10.0}) {
      if (complete()) return;
      from({right * height, middle});
    }
    if (complete() || halvings == 0) return;
    for (const double part : {0.5, 0.41, 0.59, 0.33}) {
      std::vector<PathSample> path;
      const double omega = low + part * height;
      const std::optional<int> below =
          count_modes_below(matrix_, count_.samples, omega, limits_, path);
      if (!below) continue;
      for (const Complex start : traces_right(path)) {
        if (complete()) return;
        from(start);
      }
      close_in(low, at_low, omega, *below, halvings - 1);
      close_in(omega, *below, high, at_high, halvings - 1);
      return;
    }
  }

  std::vector<Mode> take(std::size_t most) {
    std::sort(modes_.begin(), modes_.end(),
              [](const Mode& a, const Mode& b) { return a.growth_rate() > b.growth_rate(); });
    const auto damped = std::find_if(modes_.begin(), modes_.end(),
                                     [](const Mode& m) { return !(m.growth_rate() > 0); });
    const auto unstable = static_cast<std::size_t>(damped - modes_.begin());
    if (modes_.size() > most) modes_.resize(std::max(most, unstable));
    return std::move(modes_);
  }

 private:
  /// @return whether it is a mode that was not known
  bool keep(Complex z) {
    if (!std::isfinite(std::abs(z))) return false;
    if (z.imag() < 0) z = std::conj(z);
    // A real mode comes out with an imaginary part of rounding.
    if (std::abs(z.imag()) < 1e-8 * std::max(std::abs(z.real()), 1.0)) z = Complex(z.real(), 0);
    const auto known = [&](const Mode& m) { return same(m.eigenvalue, z); };
    if (std::any_of(modes_.begin(), modes_.end(), known)) return false;
    const Mode mode = describe(matrix_, z);
    if (!(mode.residual < kLargestResidual)) return false;
    modes_.push_back(mode);
    return true;
  }

  /// Without the zeros divided out, whose roundings remain.
  Complex polished(Complex z) {
    const std::optional<Complex> better = Muller(matrix_, {}).from(z, 1e-6);
    return better && same(*better, z) ? *better : z;
  }

  [[nodiscard]] static std::vector<Complex> traces_right(const std::vector<PathSample>& path) {
    std::vector<Complex> starts;
    for (std::size_t k = 1; k < path.size(); ++k) {
      const Complex slope =
          log_slope(path[k - 1].z, path[k - 1].determinant, path[k].z, path[k].determinant);
      const Complex start = 0.5 * (path[k - 1].z + path[k].z) - 1.0 / slope;
      if (start.real() > 0 && std::isfinite(std::abs(start))) starts.push_back(start);
    }
    return starts;
  }

  LoopMatrix& matrix_;
  const ModeCount& count_;
  const CountLimits& limits_;
  std::vector<Mode> modes_;
};

}  // namespace

std::vector<Complex> traces_of_modes(const std::vector<AxisSample>& samples) {
  struct Trace {
    double distance = std::numeric_limits<double>::infinity();
    Complex z;
  };
  std::vector<Trace> at;
  for (std::size_t k = 1; k < samples.size(); ++k) {
    const AxisSample &low = samples[k - 1], &high = samples[k];
    const Complex from(0, low.omega), to(0, high.omega);
    const Complex newton = -1.0 / log_slope(from, low.determinant, to, high.determinant);
    at.push_back({std::abs(newton), 0.5 * (from + to) + newton});
  }
  std::vector<Trace> nearest;
  for (std::size_t k = 0; k < at.size(); ++k) {
    const bool is_nearest = (k == 0 || at[k].distance <= at[k - 1].distance) &&
                            (k + 1 == at.size() || at[k].distance <= at[k + 1].distance);
    if (is_nearest && std::isfinite(at[k].distance)) nearest.push_back(at[k]);
  }
  std::sort(nearest.begin(), nearest.end(),
            [](const Trace& a, const Trace& b) { return a.distance < b.distance; });
  std::vector<Complex> starts;
  for (const Trace& trace : nearest) starts.push_back(trace.z);
  return starts;
}

std::optional<Complex> refine_mode(LoopMatrix& matrix, Complex start) {
  return Muller(matrix, {}).from(start);
}

namespace {

/// From the traces on the axis: all of unstable modes, and the nearest of damped ones.
void search_along_axis(ModeSearch& search, const ModeCount& count, std::size_t most) {
  std::vector<Complex> starts = traces_of_modes(count.samples);
  std::stable_partition(starts.begin(), starts.end(), [](Complex z) { return z.real() > 0; });
  search.from(0);
  std::size_t damped = 0;
  for (const Complex start : starts) {
    if (!(start.real() > 0) && ++damped > 2 * most) break;
    search.from(start);
  }
  // Damped modes may leave no trace on the axis: a grid over what was walked finds them.
  const double last = count.samples.back().omega;
  for (int k = 0; k < kGridStarts && search.found() < most; ++k)
    search.another_from({0, last * (k + 0.5) / kGridStarts});
}

bool has_modes(const LoopMatrix& matrix, const ModeCount& count) {
  return matrix.refusal().empty() && matrix.size() > 0 && !count.samples.empty();
}

}  // namespace

ModeList list_modes(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits,
                    int most) {
  ModeList list;
  if (!has_modes(matrix, count)) return list;
  ModeSearch search(matrix, count, limits);
  search_along_axis(search, count, static_cast<std::size_t>(most));
  if (count.unstable) {
    search.close_in(0, 0, count.samples.back().omega, *count.unstable, kMostHalvings);
    list.unlisted = std::max(*count.unstable - search.unstable(), 0);
  }
  list.uncounted = count.unstable ? std::max(search.unstable() - *count.unstable, 0) : 0;
  list.modes = search.take(static_cast<std::size_t>(most));
  return list;
}

std::vector<Mode> modes_near_axis(LoopMatrix& matrix, const ModeCount& count,
                                  const CountLimits& limits, int most) {
  if (!has_modes(matrix, count)) return {};
  ModeSearch search(matrix, count, limits);
  search_along_axis(search, count, static_cast<std::size_t>(most));
  return search.take(static_cast<std::size_t>(most));
}

}  // namespace nuphi::detail
