#include <nuphi/solver/differences.h>

#include <nuphi/core/error.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

namespace nuphi {
namespace {

struct Estimate {
  Eigen::VectorXd derivative;
  double error = std::numeric_limits<double>::infinity();  ///< in units of size of f per scale
};

/// Largest error of a component in relation to its block: to the derivative there or to the value
/// over the scale.
double relative_error(const Eigen::VectorXd& error, const Eigen::VectorXd& derivative,
                      const Eigen::VectorXd& value, double scale, Eigen::Index block) {
  double worst = 0;
  for (Eigen::Index first = 0; first < error.size(); first += block) {
    const double size = std::max(derivative.segment(first, block).lpNorm<Eigen::Infinity>(),
                                 value.segment(first, block).lpNorm<Eigen::Infinity>() / scale);
    const double largest = error.segment(first, block).lpNorm<Eigen::Infinity>();
    if (largest > 0) worst = std::max(worst, largest / size);
  }
  return worst;
}

class Differentiation {
 public:
  Differentiation(const VectorFunction& f, double x, const std::vector<double>& scales,
                  Eigen::Index block, const DifferenceSteps& steps)
      : f_(f), x_(x), scales_(scales), block_(block), steps_(steps), value_(f(x)) {}

  /// The best estimate over scales and steps; `side` 0 central, ±1 one-sided.
  Estimate best(int side) {
    Estimate best;
    for (const double scale : scales_) {
      double fraction = steps_.largest;
      for (int k = 0; k < 4; ++k, fraction /= 10) {
        const Estimate e = attempt(side, fraction * scale);
        if (e.error < best.error) best = e;
        if (best.error <= steps_.good_enough) return best;
      }
    }
    return best;
  }
  [[nodiscard]] std::exception_ptr failure() const { return failure_; }

 private:
  Estimate attempt(int side, double h) {
    try {
      return side == 0 ? central(h) : one_sided(side * h);
    } catch (const ModelError&) {
      failure_ = std::current_exception();
      return {};
    }
  }
  [[nodiscard]] Estimate central(double h) const {
    return extrapolated(h, 3, 2, [&](double step) -> Eigen::VectorXd {
      const double above = x_ + step;  // the step that was taken, not the one that was meant
      const double below = x_ - step;
      return (f_(above) - f_(below)) / (above - below);
    });
  }
  [[nodiscard]] Estimate one_sided(double h) const {
    return extrapolated(h, 6, 1, [&](double step) -> Eigen::VectorXd {
      const double beside = x_ + step;
      return (f_(beside) - value_) / (beside - x_);
    });
  }

  /// Difference quotients for halved steps, extrapolated to step 0, until the last correction, the
  /// error estimate, is small. Their errors go with the powers `power`, 2·power, … of the step (2
  /// central, 1 one-sided).
  template <class Quotient>
  [[nodiscard]] Estimate extrapolated(double h, int levels, int power, Quotient quotient) const {
    Estimate estimate;
    std::vector<Eigen::VectorXd> row;
    for (int k = 0; k < levels; ++k, h /= 2) {
      std::vector<Eigen::VectorXd> next{quotient(h)};
      for (int j = 0; j < k; ++j) {
        const double factor = std::exp2(power * (j + 1)) - 1;
        next.push_back(next[j] + (next[j] - row[j]) / factor);
      }
      row = std::move(next);
      if (!row.back().allFinite()) return {};
      if (k == 0) continue;
      estimate = {row[k],
                  relative_error(row[k] - row[k - 1], row[k], value_, scales_.front(), block_)};
      if (estimate.error <= steps_.good_enough) break;
    }
    return estimate;
  }

  const VectorFunction& f_;
  double x_;
  const std::vector<double>& scales_;
  Eigen::Index block_;
  DifferenceSteps steps_;
  Eigen::VectorXd value_;
  std::exception_ptr failure_;
};

}  // namespace

Eigen::VectorXd extrapolated_derivative(const VectorFunction& f, double x,
                                        const std::vector<double>& scales, Eigen::Index block,
                                        const DifferenceSteps& steps) {
  Differentiation differentiation(f, x, scales, block, steps);
  Estimate best = differentiation.best(0);
  for (const int side : {1, -1}) {
    // A border nearby: a tiny central step may have worked, and its rounding shows in the error.
    if (best.error <= 1e-8) break;
    const Estimate e = differentiation.best(side);
    if (e.error < best.error) best = e;
  }
  if (best.derivative.size() == 0) {
    if (differentiation.failure()) std::rethrow_exception(differentiation.failure());
    return Eigen::VectorXd::Constant(f(x).size(), std::numeric_limits<double>::quiet_NaN());
  }
  return best.derivative;
}

}  // namespace nuphi
