#pragma once

#include <nuphi/models/coupling.h>

#include <complex>
#include <memory>
#include <span>

namespace nuphi {

/// Discrete Fourier transform of complex fields on a periodic grid, in place. The order of the
/// wave numbers is its own: enough for convolutions. One object serves one thread.
class Fourier {
 public:
  explicit Fourier(PeriodicGrid grid);
  Fourier(Fourier&&) noexcept;
  Fourier& operator=(Fourier&&) noexcept;
  ~Fourier();
  void forward(std::span<std::complex<double>> field);
  void inverse(std::span<std::complex<double>> field);  ///< with the factor 1/places

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nuphi
