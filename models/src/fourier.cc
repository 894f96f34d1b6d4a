#include "fourier.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <unsupported/Eigen/FFT>
#include <vector>

namespace nuphi {
namespace {

using Complex = std::complex<double>;

// Columns are gathered a few at a time: one of single numbers wastes cache lines.
constexpr Eigen::Index kGathered = 8;
// A longer ring does not fit the caches and is folded.
constexpr Eigen::Index kLongestLine = 4096;

// The divisor of n that is closest to √n from below.
Eigen::Index balanced_divisor(Eigen::Index n) {
  auto divisor = static_cast<Eigen::Index>(std::sqrt(static_cast<double>(n)));
  while (n % divisor != 0) --divisor;
  return divisor;
}

}  // namespace

// A long ring of n = R·C places is transformed as a sheet of R rows: down the columns, times
// e^{−2πi rc/n} at row r and column c, along the rows (Bailey's four steps, without the last one,
// which puts the wave numbers in order).
struct Fourier::Impl {
  Eigen::Index rows, columns;
  std::vector<Complex> twiddles;  // empty: none
  Eigen::FFT<double> fft{Eigen::default_fft_impl<double>(), Eigen::FFT<double>::Unscaled};
  std::vector<Complex> in, out;

  explicit Impl(PeriodicGrid grid) : rows(grid.height), columns(grid.width) {
    if (grid.height == 1 && grid.width > kLongestLine) fold();
    const auto longest = static_cast<std::size_t>(std::max(columns, kGathered * rows));
    in.resize(longest);
    out.resize(longest);
  }

  void fold() {
    const Eigen::Index n = columns;
    rows = balanced_divisor(n);
    columns = n / rows;
    if (rows == 1) return;
    twiddles.reserve(static_cast<std::size_t>(n));
    for (Eigen::Index r = 0; r < rows; ++r) {
      for (Eigen::Index c = 0; c < columns; ++c) {
        const double turn = static_cast<double>(r * c) / static_cast<double>(n);  // < 1
        twiddles.push_back(std::polar(1.0, -2 * std::numbers::pi * turn));
      }
    }
  }

  void line(const Complex* from, Complex* to, Eigen::Index n, bool inverse) {
    if (inverse) {
      fft.inv(to, from, n);
    } else {
      fft.fwd(to, from, n);
    }
  }

  void along_rows(Complex* field, bool inverse) {
    if (columns == 1) return;
    for (Eigen::Index r = 0; r < rows; ++r) {
      std::copy_n(field + r * columns, columns, in.data());
      line(in.data(), field + r * columns, columns, inverse);
    }
  }

  void down_columns(Complex* field, bool inverse) {
    if (rows == 1) return;
    for (Eigen::Index c = 0; c < columns; c += kGathered) {
      const Eigen::Index count = std::min(kGathered, columns - c);
      for (Eigen::Index r = 0; r < rows; ++r) {
        for (Eigen::Index k = 0; k < count; ++k) {
          in[static_cast<std::size_t>(k * rows + r)] = field[r * columns + c + k];
        }
      }
      for (Eigen::Index k = 0; k < count; ++k) {
        line(in.data() + k * rows, out.data() + k * rows, rows, inverse);
      }
      for (Eigen::Index r = 0; r < rows; ++r) {
        for (Eigen::Index k = 0; k < count; ++k) {
          field[r * columns + c + k] = out[static_cast<std::size_t>(k * rows + r)];
        }
      }
    }
  }
};

Fourier::Fourier(PeriodicGrid grid) : impl_(std::make_unique<Impl>(grid)) {}
Fourier::Fourier(Fourier&&) noexcept = default;
Fourier& Fourier::operator=(Fourier&&) noexcept = default;
Fourier::~Fourier() = default;

void Fourier::forward(std::span<Complex> field) {
  impl_->down_columns(field.data(), false);
  for (std::size_t k = 0; k < impl_->twiddles.size(); ++k) field[k] *= impl_->twiddles[k];
  impl_->along_rows(field.data(), false);
}

void Fourier::inverse(std::span<Complex> field) {
  impl_->along_rows(field.data(), true);
  for (std::size_t k = 0; k < impl_->twiddles.size(); ++k) {
    field[k] *= std::conj(impl_->twiddles[k]);
  }
  impl_->down_columns(field.data(), true);
  const double scale = 1 / static_cast<double>(field.size());
  for (Complex& value : field) value *= scale;
}

}  // namespace nuphi
