#include <nuphi/solver/multiple_branch_point.h>

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include <nuphi/solver/eigenvalues.h>

namespace nuphi {
namespace {

constexpr int kBisections = 40;
constexpr double kNear = 1e-7;  // |λ − 1| from which on the rest is interpolated
constexpr double kZero = 1e-5;  // singular values of 1 − ∂Φ/∂x below this are zero
constexpr double kSame = 1e-6;  // relative difference of components that are interchangeable

std::optional<Spectrum> spectrum_at(ScaledMap& map, const Eigen::VectorXd& z) {
  const std::optional<Eigen::MatrixXd> jacobian = map.jacobian_at(z);
  return jacobian ? spectrum(*jacobian) : std::nullopt;
}

// An end of the bracket.
struct End {
  Eigen::VectorXd z;
  double distance = 0;  // along the tangent of the step's first point
  double eigenvalue = 0;
};

Eigen::MatrixXd null_space(ScaledMap& map, const Eigen::VectorXd& z) {
  const std::optional<Eigen::MatrixXd> jacobian = map.jacobian_at(z);
  if (!jacobian) return {};
  const Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(map.size(), map.size()) - *jacobian;
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(matrix, Eigen::ComputeFullV);
  const Eigen::VectorXd& values = svd.singularValues();
  const Eigen::Index dimension = (values.array() <= kZero * std::max(1.0, values[0])).count();
  return svd.matrixV().rightCols(dimension);
}

bool same(double a, double b) { return std::abs(a - b) <= kSame * (std::abs(a) + std::abs(b)); }

// Components with the same value and the same share in the null space, in classes of two or more.
std::vector<std::vector<Eigen::Index>> interchangeable(const Eigen::MatrixXd& basis,
                                                       const Eigen::VectorXd& x) {
  const Eigen::VectorXd share = basis.rowwise().norm();
  std::vector<std::vector<Eigen::Index>> classes;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    if (share[i] < kSame) continue;
    const auto fits = [&](const std::vector<Eigen::Index>& members) {
      return same(x[members[0]], x[i]) && same(share[members[0]], share[i]);
    };
    const auto found = std::find_if(classes.begin(), classes.end(), fits);
    if (found == classes.end()) {
      classes.push_back({i});
    } else {
      found->push_back(i);
    }
  }
  std::erase_if(classes, [](const auto& members) { return members.size() < 2; });
  return classes;
}

void add_line(std::vector<Eigen::VectorXd>& lines, const Eigen::VectorXd& vector) {
  const double length = vector.norm();
  if (!(length > kSame)) return;
  const Eigen::VectorXd unit = vector / length;
  const auto known = [&](const Eigen::VectorXd& line) {
    return std::abs(line.dot(unit)) > 1 - kSame;
  };
  if (std::none_of(lines.begin(), lines.end(), known)) lines.push_back(unit);
}

}  // namespace

std::optional<MultipleBranchPoint> locate_multiple_branch_point(EquilibriumCurve& curve,
                                                                CurveTracer& tracer,
                                                                const CurvePoint& a,
                                                                const CurvePoint& b) {
  ScaledMap& map = curve.map();
  const std::optional<Spectrum> first = spectrum_at(map, a.z);
  const std::optional<Spectrum> last = spectrum_at(map, b.z);
  if (!first || !last) return std::nullopt;
  End lower{a.z, 0, first->nearest_to_one};
  End upper{b.z, scaled_difference(a, b.z).dot(a.tangent), last->nearest_to_one};
  for (int k = 0; k < kBisections; ++k) {
    if (std::abs(lower.eigenvalue - 1) < kNear && std::abs(upper.eigenvalue - 1) < kNear) break;
    const double middle = 0.5 * (lower.distance + upper.distance);
    const std::optional<CurvePoint> point = tracer.between(a, b, middle);
    if (!point) break;  // too close to be told from the branches that cross
    const std::optional<Spectrum> there = spectrum_at(map, point->z);
    if (!there) return std::nullopt;
    const bool before =
        there->real_beyond_one == first->real_beyond_one && point->orientation == a.orientation;
    (before ? lower : upper) = {point->z, middle, there->nearest_to_one};
  }
  const double width = upper.eigenvalue - lower.eigenvalue;
  const double fraction = (1 - lower.eigenvalue) / width;
  const bool passes = fraction >= 0 && fraction <= 1;
  const double part = passes ? fraction : 0.5;
  MultipleBranchPoint found;
  found.z = lower.z + part * (upper.z - lower.z);
  found.null_space = null_space(map, found.z);
  if (found.null_space.cols() < 2) return std::nullopt;
  // Along a branch that crosses, eigenvalues pass with different slopes: no less than the bracket.
  found.error = upper.distance - lower.distance;
  return found;
}

bool same_up_to_order(Eigen::VectorXd a, Eigen::VectorXd b, double tolerance) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const Eigen::VectorXd size = a.cwiseAbs().cwiseMax(b.cwiseAbs()).cwiseMax(1.0);
  return ((a - b).cwiseAbs().array() <= tolerance * size.array()).all();
}

std::vector<Eigen::VectorXd> branching_directions(const Eigen::MatrixXd& null_space,
                                                  const Eigen::VectorXd& x) {
  std::vector<Eigen::VectorXd> lines;
  if (null_space.cols() == 1) add_line(lines, null_space.col(0));
  if (null_space.cols() <= 1) return lines;
  for (const std::vector<Eigen::Index>& members : interchangeable(null_space, x)) {
    Eigen::VectorXd indicator = Eigen::VectorXd::Zero(x.size());
    for (std::size_t m = 0; m < members.size() / 2; ++m) {
      indicator[members[m]] = 1;
      add_line(lines, null_space * (null_space.transpose() * indicator));
    }
  }
  return lines;
}

}  // namespace nuphi
