#include <nuphi/core/error.h>
#include <nuphi/core/file.h>
#include <nuphi/core/transfer_function.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace nuphi {
namespace {
using Eigen::Index, Eigen::MatrixXd, Eigen::VectorXd;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Derivative at x_0 of the parabola through three points, from the secants a of [x_0, x_1] and b
/// of the next interval, h and k wide.
double end_slope(double a, double b, double h, double k) { return a + (a - b) * h / (h + k); }

/// Slopes of the monotone cubic through (x, y). Three-point differences, made zero where the data
/// turn, then shortened to the circle of radius 3 in (slope/secant) of both neighbouring intervals
/// (Fritsch & Carlson 1980).
VectorXd monotone_slopes(const VectorXd& x, const VectorXd& y) {
  const Index n = x.size();
  const VectorXd step = x.tail(n - 1) - x.head(n - 1);
  const VectorXd secant = (y.tail(n - 1) - y.head(n - 1)).cwiseQuotient(step);
  if (n == 2) return VectorXd::Constant(2, secant[0]);
  VectorXd slope(n);
  slope[0] = end_slope(secant[0], secant[1], step[0], step[1]);
  slope[n - 1] = end_slope(secant[n - 2], secant[n - 3], step[n - 2], step[n - 3]);
  for (Index i = 1; i < n - 1; ++i) {
    const double sum = step[i - 1] + step[i];
    slope[i] = (step[i] * secant[i - 1] + step[i - 1] * secant[i]) / sum;
    if (secant[i - 1] * secant[i] <= 0) slope[i] = 0;
  }
  for (Index i = 0; i < n - 1; ++i) {
    if (secant[i] == 0) {
      slope[i] = slope[i + 1] = 0;
      continue;
    }
    const double a = std::max(slope[i] / secant[i], 0.0),
                 b = std::max(slope[i + 1] / secant[i], 0.0);
    const double radius = std::hypot(a, b);
    const double shorten = radius > 3 ? 3 / radius : 1;
    slope[i] = shorten * a * secant[i];
    slope[i + 1] = shorten * b * secant[i];
  }
  return slope;
}

/// Weights of the values and slopes at both ends of an interval, and their derivatives.
struct Hermite {
  double value[2], slope[2], d_value[2], d_slope[2];

  Hermite(double t, double h) {
    const double s = 1 - t;
    value[0] = (1 + 2 * t) * s * s;
    value[1] = t * t * (1 + 2 * s);
    slope[0] = h * t * s * s;
    slope[1] = -h * t * t * s;
    d_value[1] = 6 * t * s / h;
    d_value[0] = -d_value[1];
    d_slope[0] = s * (s - 2 * t);
    d_slope[1] = t * (t - 2 * s);
  }
};

/// Interval that holds a coordinate, and the weights there.
struct Place {
  Index low;
  Hermite weights;
  bool inside;
};

Place locate(const VectorXd& x, double at) {
  const Index last = x.size() - 1;
  const double clamped = std::clamp(at, x[0], x[last]);
  const Index above = std::upper_bound(x.data(), x.data() + last, clamped) - x.data();
  const Index low = std::clamp<Index>(above - 1, 0, last - 1);
  const double h = x[low + 1] - x[low];
  return {low, Hermite((clamped - x[low]) / h, h), at == clamped};
}

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

void check_axis(const VectorXd& axis) {
  require(axis.size() >= 2, "a table of rates needs at least two points along each axis");
  require(axis.allFinite(), "the grid of a table of rates must be finite");
  for (Index i = 1; i < axis.size(); ++i) {
    require(axis[i] > axis[i - 1], "the grid of a table of rates must be strictly increasing");
  }
}

}  // namespace

TabulatedTransfer::TabulatedTransfer(const VectorXd& mu, const VectorXd& rate, Outside outside)
    : mu_(mu), sigma_(VectorXd::Zero(1)), rate_(rate), outside_(outside) {
  set_slopes();
}

TabulatedTransfer::TabulatedTransfer(const VectorXd& mu, const VectorXd& sigma,
                                     const MatrixXd& rate, Outside outside)
    : mu_(mu), sigma_(sigma), rate_(rate), outside_(outside) {
  check_axis(sigma_);
  require(sigma_[0] >= 0, "sigma in a table of rates must not be negative");
  set_slopes();
}

void TabulatedTransfer::set_slopes() {
  check_axis(mu_);
  require(rate_.rows() == mu_.size() && rate_.cols() == sigma_.size(),
          "a table of rates needs one rate for each grid point");
  require(rate_.allFinite(), "the rates of a table must be finite");
  slope_mu_.resizeLike(rate_);
  for (Index j = 0; j < sigma_.size(); ++j) slope_mu_.col(j) = monotone_slopes(mu_, rate_.col(j));
  slope_sigma_ = slope_both_ = MatrixXd::Zero(rate_.rows(), rate_.cols());
  if (sigma_.size() == 1) return;
  for (Index i = 0; i < mu_.size(); ++i) {
    slope_sigma_.row(i) = monotone_slopes(sigma_, rate_.row(i));
    slope_both_.row(i) = monotone_slopes(sigma_, slope_mu_.row(i));
  }
}

TransferRate TabulatedTransfer::operator()(double mu, double sigma) const noexcept {
  if (std::isnan(mu) || std::isnan(sigma)) return {kNaN, kNaN, kNaN};
  const Place at_mu = locate(mu_, mu);
  const Hermite& p = at_mu.weights;
  const auto along_mu = [&](const MatrixXd& values, const MatrixXd& slopes, Index column) {
    std::pair<double, double> r{0, 0};  // value and derivative
    for (int i = 0; i < 2; ++i) {
      const double y = values(at_mu.low + i, column), m = slopes(at_mu.low + i, column);
      r.first += p.value[i] * y + p.slope[i] * m;
      r.second += p.d_value[i] * y + p.d_slope[i] * m;
    }
    return r;
  };

  TransferRate r;
  bool sigma_inside = true;
  if (sigma_.size() == 1) {
    const auto [value, slope] = along_mu(rate_, slope_mu_, 0);
    r = {value, slope, 0};
  } else {
    const Place at_sigma = locate(sigma_, sigma);
    const Hermite& q = at_sigma.weights;
    for (int j = 0; j < 2; ++j) {
      const auto [value, d_mu] = along_mu(rate_, slope_mu_, at_sigma.low + j);
      const auto [slope, slope_d_mu] = along_mu(slope_sigma_, slope_both_, at_sigma.low + j);
      r.rate += q.value[j] * value + q.slope[j] * slope;
      r.drate_dmu += q.value[j] * d_mu + q.slope[j] * slope_d_mu;
      r.drate_dsigma += q.d_value[j] * value + q.d_slope[j] * slope;
    }
    sigma_inside = at_sigma.inside;
  }
  if (at_mu.inside && sigma_inside) return r;
  if (outside_ == Outside::kNaN) return {kNaN, kNaN, kNaN};
  if (!at_mu.inside) r.drate_dmu = 0;
  if (!sigma_inside) r.drate_dsigma = 0;
  return r;
}

namespace {

/// One row of the file.
struct Point {
  double mu, sigma, rate;
  int line;
};

class TableReader {
 public:
  explicit TableReader(const std::filesystem::path& path) : path_(path.string()) {
    const std::optional<std::string> content = read_file(path);
    if (!content) throw FileError(path_ + ": more than 256 MiB; a table of rates is small");
    std::istringstream lines(*content);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) read(line, number);
    if (columns_ == 0) fail(1, "no header; it must be `mu,rate` or `mu,sigma,rate`");
    if (points_.empty()) fail(1, "no rows");
  }

  [[nodiscard]] bool is_surface() const { return columns_ == 3; }
  [[nodiscard]] const std::vector<Point>& points() const { return points_; }
  [[noreturn]] void fail(int line, const std::string& message) const {
    Diagnostic fault;
    fault.code = "table";
    fault.file = path_;
    fault.line = line;
    fault.column = 1;
    fault.message = message;
    throw ModelError({fault});
  }

 private:
  void read(std::string line, int number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') return;
    if (columns_ == 0) {
      if (line == "mu,rate") columns_ = 2;
      if (line == "mu,sigma,rate") columns_ = 3;
      if (columns_ == 0) fail(number, "the header must be `mu,rate` or `mu,sigma,rate`");
      return;
    }
    double cells[3] = {0, 0, 0};
    const char* cursor = line.c_str();
    for (int k = 0; k < columns_; ++k) {
      char* end = nullptr;
      cells[k] = std::strtod(cursor, &end);
      const char expected = k + 1 < columns_ ? ',' : '\0';
      if (end == cursor || *end != expected || !std::isfinite(cells[k])) {
        fail(number, "expected " + std::to_string(columns_) + " finite numbers");
      }
      cursor = end + 1;
    }
    points_.push_back({cells[0], columns_ == 3 ? cells[1] : 0, cells[columns_ - 1], number});
  }

  std::string path_;
  int columns_ = 0;
  std::vector<Point> points_;
};

VectorXd axis_of(const std::vector<Point>& points, double Point::*coordinate) {
  std::vector<double> values;
  for (const Point& point : points) values.push_back(point.*coordinate);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return VectorXd::Map(values.data(), static_cast<Index>(values.size()));
}

Index index_of(const VectorXd& axis, double value) {
  return std::lower_bound(axis.data(), axis.data() + axis.size(), value) - axis.data();
}

}  // namespace

TabulatedTransfer TabulatedTransfer::from_csv(const std::filesystem::path& path, Outside outside) {
  const TableReader reader(path);
  const VectorXd mu = axis_of(reader.points(), &Point::mu);
  const VectorXd sigma = axis_of(reader.points(), &Point::sigma);
  MatrixXd rate = MatrixXd::Constant(mu.size(), sigma.size(), kNaN);
  for (const Point& point : reader.points()) {
    double& cell = rate(index_of(mu, point.mu), index_of(sigma, point.sigma));
    if (!std::isnan(cell)) reader.fail(point.line, "this grid point appears twice");
    cell = point.rate;
  }
  if (!rate.allFinite()) {
    reader.fail(1, std::to_string(rate.size() - static_cast<Index>(reader.points().size())) +
                       " points of the grid of " + std::to_string(mu.size()) + " mu and " +
                       std::to_string(sigma.size()) + " sigma are missing");
  }
  if (mu.size() < 2 || (reader.is_surface() && sigma.size() < 2)) {
    reader.fail(1, "at least two points along each axis are needed");
  }
  if (sigma[0] < 0) reader.fail(1, "sigma must not be negative");
  if (reader.is_surface()) return {mu, sigma, rate, outside};
  return {mu, VectorXd(rate.col(0)), outside};
}

}  // namespace nuphi
