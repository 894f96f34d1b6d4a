#include "modes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "damped_modes.h"
#include "found_modes.h"
#include "muller.h"
#include "wide_search.h"

namespace nuphi::detail {
namespace {

constexpr int kMostHalvings = 24;  // of a strip

bool same(Complex a, Complex b) { return std::abs(a - b) <= 1e-8 * std::max(std::abs(a), 1.0); }

/// d ln Δ/dz between two points.
Complex log_slope(Complex from, const Determinant& at_from, Complex to, const Determinant& at_to) {
  const Complex change(at_to.log_modulus - at_from.log_modulus,
                       std::arg(at_to.direction * std::conj(at_from.direction)));
  return change / (to - from);
}

class ModeSearch {
 public:
  ModeSearch(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits, int most)
      : matrix_(matrix),
        count_(count),
        limits_(limits),
        most_(static_cast<std::size_t>(most)),
        found_(matrix),
        wide_(matrix, count, limits, found_) {}

  /// From the points of the axis where the count has been: all that leave a trace there.
  void along_axis() {
    if (is_large())
      wide_.along_axis();
    else
      along_traces();
    find_damped_modes(matrix_, count_, limits_, most_, found_);
  }

  /// Modes that coincide, and unstable ones that are counted and not yet found.
  void complete() {
    const auto is_done = [&] { return is_stopped() || found_.unstable() >= *count_.unstable; };
    if (is_large() && !is_done()) found_.add_multiples(is_done);
    close_in(0, 0, count_.samples.back().omega, *count_.unstable, kMostHalvings);
  }

  [[nodiscard]] int unstable() const { return found_.unstable(); }
  std::vector<Mode> take() { return found_.take(most_); }

 private:
  [[nodiscard]] bool is_large() const { return matrix_.size() >= kLargeNetwork; }
  [[nodiscard]] bool is_stopped() const { return limits_.stop.stop_requested(); }

  /// The mode that the iteration reaches from `start`; where it is a known one, another near by.
  void from(Complex start) {
    if (is_stopped()) return;
    if (is_large()) return wide_.from(start);
    const std::optional<Complex> z = Muller(matrix_, {}).from(start);
    if (z && found_.add(*z)) return;
    const std::optional<Complex> other = Muller(matrix_, found_.eigenvalues()).from(start);
    if (other) found_.add(polished(*other));
  }

  /// All of unstable modes, and the nearest of damped ones.
  void along_traces() {
    std::vector<Complex> starts = traces_of_modes(count_.samples);
    std::stable_partition(starts.begin(), starts.end(), [](Complex z) { return z.real() > 0; });
    from(0);
    std::size_t damped = 0;
    for (const Complex start : starts) {
      if (!(start.real() > 0) && ++damped > 2 * most_) break;
      from(start);
    }
  }

  /// Modes between two ω below which `at_low` and `at_high` lie.
  void close_in(double low, int at_low, double high, int at_high, int halvings) {
    const auto complete = [&] {
      return is_stopped() || found_.unstable(low, high) >= at_high - at_low;
    };
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
  std::size_t most_;
  FoundModes found_;
  WideSearch wide_;
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

bool has_modes(const LoopMatrix& matrix, const ModeCount& count) {
  return matrix.refusal().empty() && matrix.size() > 0 && !count.samples.empty();
}

}  // namespace

ModeList list_modes(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits,
                    int most) {
  ModeList list;
  if (!has_modes(matrix, count)) return list;
  ModeSearch search(matrix, count, limits, most);
  search.along_axis();
  if (count.unstable) {
    search.complete();
    list.unlisted = std::max(*count.unstable - search.unstable(), 0);
    list.uncounted = std::max(search.unstable() - *count.unstable, 0);
  }
  list.modes = search.take();
  return list;
}

std::vector<Mode> modes_near_axis(LoopMatrix& matrix, const ModeCount& count,
                                  const CountLimits& limits, int most) {
  if (!has_modes(matrix, count)) return {};
  ModeSearch search(matrix, count, limits, most);
  search.along_axis();
  return search.take();
}

}  // namespace nuphi::detail
