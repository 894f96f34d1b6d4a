#include <nuphi/models/coupling.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include <tbb/parallel_for.h>

#include "fourier.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;
using Spectrum = std::vector<Complex>;

constexpr Eigen::Index kLargestFactor = 97;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument("KernelCoupling: " + what);
}

Eigen::Index largest_factor(Eigen::Index n) {
  Eigen::Index largest = 1;
  for (Eigen::Index p = 2; p * p <= n; ++p) {
    for (; n % p == 0; n /= p) largest = p;
  }
  return std::max(largest, n);
}

void require_quick(Eigen::Index side) {
  if (largest_factor(side) <= kLargestFactor) return;
  Eigen::Index next = side + 1;
  while (largest_factor(next) > 7) ++next;
  require(false, "a side of " + std::to_string(side) +
                     " places has a large prime factor, which makes Fourier transforms slow; " +
                     std::to_string(next) + " would do");
}

// Written out, because the product of complex numbers looks for infinities.
Complex times(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// Replaces a block of n rows by its inverse (Gauss–Jordan) and returns its determinant; 0 where
// there is no inverse.
Complex invert(Complex* block, Eigen::Index n, std::vector<Complex>& work) {
  work.assign(static_cast<std::size_t>(n * n), Complex(0));
  Complex determinant = 1;
  Complex* const result = work.data();
  for (Eigen::Index i = 0; i < n; ++i) result[i * n + i] = 1;
  for (Eigen::Index k = 0; k < n; ++k) {
    Eigen::Index pivot = k;
    for (Eigen::Index i = k + 1; i < n; ++i) {
      if (std::norm(block[i * n + k]) > std::norm(block[pivot * n + k])) pivot = i;
    }
    const Complex p = block[pivot * n + k];
    determinant *= pivot == k ? p : -p;
    if (!(std::abs(p) > 0)) return 0;
    for (Eigen::Index j = 0; j < n; ++j) {
      std::swap(block[k * n + j], block[pivot * n + j]);
      std::swap(result[k * n + j], result[pivot * n + j]);
      block[k * n + j] /= p;
      result[k * n + j] /= p;
    }
    for (Eigen::Index i = 0; i < n; ++i) {
      const Complex factor = block[i * n + k];
      if (i == k) continue;
      for (Eigen::Index j = 0; j < n; ++j) {
        block[i * n + j] -= times(factor, block[k * n + j]);
        result[i * n + j] -= times(factor, result[k * n + j]);
      }
    }
  }
  std::copy(work.begin(), work.end(), block);
  return determinant;
}

// Over the types, on as many threads where there is enough to do.
template <class Body>
void for_each_type(Eigen::Index types, Eigen::Index places, Body&& body) {
  constexpr Eigen::Index kWorthAThread = 4096;
  if (places < kWorthAThread) {
    for (Eigen::Index t = 0; t < types; ++t) body(t);
  } else {
    tbb::parallel_for(Eigen::Index{0}, types, body);
  }
}

}  // namespace

Eigen::Index KernelCoupling::displacement(Eigen::Index to, Eigen::Index from) const {
  const Eigen::Index w = grid.width, h = grid.height;
  const Eigen::Index x = (to % w - from % w + w) % w;
  const Eigen::Index y = (to / w - from / w + h) % h;
  return y * w + x;
}

void check(const KernelCoupling& coupling) {
  require(coupling.grid.width > 0 && coupling.grid.height > 0 && coupling.types > 0,
          "the sides of the grid and the number of types must be positive");
  require_quick(coupling.grid.width);
  require_quick(coupling.grid.height);
  require(static_cast<Eigen::Index>(coupling.kernels.size()) == coupling.types * coupling.types,
          "there must be one kernel for each pair of types");
  for (const KernelCoupling::Kernel& kernel : coupling.kernels) {
    if (kernel.mean.size() == 0 && kernel.variance.size() == 0) continue;
    require(kernel.mean.size() == coupling.grid.places() &&
                kernel.variance.size() == coupling.grid.places(),
            "a kernel must have one entry for each place");
    require(kernel.mean.allFinite() && kernel.variance.allFinite(), "a kernel is not finite");
    require(kernel.variance.minCoeff() >= 0, "a kernel of the variance is negative");
  }
}

struct KernelProduct::Impl {
  struct Pair {
    bool zero = true;
    Spectrum mean, variance;                // of a and b
    double sum_mean = 0, sum_variance = 0;  // Σ|a|, Σ b
  };

  Eigen::Index types, places;
  std::vector<Pair> pairs;
  std::vector<Fourier> fourier;   // for each type
  std::vector<Spectrum> in, out;  // for each type
  Spectrum inverse;               // a block of types² numbers for each wave number
  double phase = 0;               // of the determinant

  explicit Impl(const KernelCoupling& coupling)
      : types(coupling.types),
        places(coupling.grid.places()),
        pairs(coupling.kernels.size()),
        in(static_cast<std::size_t>(types), Spectrum(static_cast<std::size_t>(places))),
        out(in) {
    for (Eigen::Index t = 0; t < types; ++t) fourier.emplace_back(coupling.grid);
    for (std::size_t k = 0; k < pairs.size(); ++k) set(pairs[k], coupling.kernels[k]);
  }

  [[nodiscard]] const Pair& pair(Eigen::Index t, Eigen::Index s) const {
    return pairs[static_cast<std::size_t>(t * types + s)];
  }

  void set(Pair& p, const KernelCoupling::Kernel& kernel) {
    p.zero = kernel.mean.size() == 0 || (kernel.mean.isZero(0) && kernel.variance.isZero(0));
    if (p.zero) return;
    p.mean.assign(kernel.mean.begin(), kernel.mean.end());
    p.variance.assign(kernel.variance.begin(), kernel.variance.end());
    fourier[0].forward(p.mean);
    fourier[0].forward(p.variance);
    p.sum_mean = kernel.mean.cwiseAbs().sum();
    p.sum_variance = kernel.variance.sum();
  }

  // The spectra of value(i), i = population.
  template <class Value>
  void transform(Value&& value) {
    for_each_type(types, places, [&](Eigen::Index t) {
      Spectrum& spectrum = in[static_cast<std::size_t>(t)];
      for (Eigen::Index p = 0; p < places; ++p) {
        spectrum[static_cast<std::size_t>(p)] = value(t * places + p);
      }
      fourier[static_cast<std::size_t>(t)].forward(spectrum);
    });
  }

  // Adds coefficient(k) times the spectrum of a source to a sum.
  template <class Coefficient>
  static void add(Spectrum& sum, const Spectrum& source, Coefficient&& coefficient) {
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += times(coefficient(k), source[k]);
  }

  // Lets add_to(t, sum) sum up the spectrum of each type and hands store(i, y) its field.
  template <class AddTo, class Store>
  void gather(AddTo&& add_to, Store&& store) {
    for_each_type(types, places, [&](Eigen::Index t) {
      Spectrum& sum = out[static_cast<std::size_t>(t)];
      std::fill(sum.begin(), sum.end(), Complex(0));
      add_to(t, sum);
      fourier[static_cast<std::size_t>(t)].inverse(sum);
      for (Eigen::Index p = 0; p < places; ++p) {
        store(t * places + p, sum[static_cast<std::size_t>(p)]);
      }
    });
  }
};

KernelProduct::KernelProduct(const KernelCoupling& coupling) {
  check(coupling);
  impl_ = std::make_unique<Impl>(coupling);
}
KernelProduct::KernelProduct(KernelProduct&&) noexcept = default;
KernelProduct& KernelProduct::operator=(KernelProduct&&) noexcept = default;
KernelProduct::~KernelProduct() = default;

// Both products in one: the kernel a + ib is applied to a real field.
void KernelProduct::multiply(const Eigen::VectorXd& v, Eigen::VectorXd& mean,
                             Eigen::VectorXd& variance) {
  mean.resize(v.size());
  variance.resize(v.size());
  impl_->transform([&](Eigen::Index i) { return Complex(v[i]); });
  const auto add_to = [&](Eigen::Index t, Spectrum& sum) {
    for (Eigen::Index s = 0; s < impl_->types; ++s) {
      const Impl::Pair& p = impl_->pair(t, s);
      if (p.zero) continue;
      Impl::add(sum, impl_->in[static_cast<std::size_t>(s)], [&p](std::size_t k) {
        return Complex(p.mean[k].real() - p.variance[k].imag(),
                       p.mean[k].imag() + p.variance[k].real());
      });
    }
  };
  impl_->gather(add_to, [&](Eigen::Index i, Complex y) {
    mean[i] = y.real();
    variance[i] = y.imag();
  });
}

// The transpose of a convolution reverses its kernel; a(−r) − i b(−r) applied to v + iw has the
// real part wanted.
void KernelProduct::multiply_transposed(const Eigen::VectorXd& v, const Eigen::VectorXd& w,
                                        Eigen::VectorXd& product) {
  product.resize(v.size());
  impl_->transform([&](Eigen::Index i) { return Complex(v[i], w[i]); });
  const auto add_to = [&](Eigen::Index t, Spectrum& sum) {
    for (Eigen::Index s = 0; s < impl_->types; ++s) {
      const Impl::Pair& p = impl_->pair(s, t);
      if (p.zero) continue;
      Impl::add(sum, impl_->in[static_cast<std::size_t>(s)], [&p](std::size_t k) {
        return Complex(p.mean[k].real() - p.variance[k].imag(),
                       -p.mean[k].imag() - p.variance[k].real());
      });
    }
  };
  impl_->gather(add_to, [&](Eigen::Index i, Complex y) { product[i] = y.real(); });
}

Eigen::MatrixX2d KernelProduct::magnitude(const Eigen::VectorXd& v) const {
  Eigen::MatrixX2d result = Eigen::MatrixX2d::Zero(impl_->types, 2);
  for (Eigen::Index s = 0; s < impl_->types; ++s) {
    const double rms = std::sqrt(v.segment(s * impl_->places, impl_->places).squaredNorm() /
                                 static_cast<double>(impl_->places));
    for (Eigen::Index t = 0; t < impl_->types; ++t) {
      result(t, 0) += impl_->pair(t, s).sum_mean * rms;
      result(t, 1) += impl_->pair(t, s).sum_variance * rms;
    }
  }
  return result;
}

bool KernelProduct::factorize(double shift, const Eigen::VectorXd& g, const Eigen::VectorXd& h) {
  const Eigen::Index n = impl_->types;
  impl_->inverse.resize(static_cast<std::size_t>(impl_->places * n * n));
  impl_->phase = 0;
  std::vector<Complex> work;
  for (Eigen::Index k = 0; k < impl_->places; ++k) {
    Complex* const block = impl_->inverse.data() + k * n * n;
    for (Eigen::Index t = 0; t < n; ++t) {
      for (Eigen::Index s = 0; s < n; ++s) {
        Complex& entry = block[t * n + s];
        entry = t == s ? shift : 0.0;
        const Impl::Pair& p = impl_->pair(t, s);
        const auto at = static_cast<std::size_t>(k);
        if (!p.zero) entry -= g[t] * p.mean[at] + h[t] * p.variance[at];
      }
    }
    const Complex determinant = invert(block, n, work);
    if (!(std::abs(determinant) > 0)) return false;
    impl_->phase += std::arg(determinant);
  }
  return true;
}

// Wave numbers come in pairs with conjugate determinants.
bool KernelProduct::is_negative() const { return std::cos(impl_->phase) < 0; }

void KernelProduct::solve(Eigen::VectorXd& v, bool transposed) {
  const auto n = static_cast<std::size_t>(impl_->types);
  impl_->transform([&](Eigen::Index i) { return Complex(v[i]); });
  const auto add_to = [&](Eigen::Index type, Spectrum& sum) {
    const auto t = static_cast<std::size_t>(type);
    for (std::size_t s = 0; s < n; ++s) {
      Impl::add(sum, impl_->in[s], [&](std::size_t k) {
        const Complex* const block = impl_->inverse.data() + k * n * n;
        return transposed ? std::conj(block[s * n + t]) : block[t * n + s];
      });
    }
  };
  impl_->gather(add_to, [&](Eigen::Index i, Complex y) { v[i] = y.real(); });
}

}  // namespace nuphi
