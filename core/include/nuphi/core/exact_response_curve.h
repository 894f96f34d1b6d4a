#pragma once

#include <nuphi/core/exact_response.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

#include <complex>
#include <memory>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// exact_response() of one neuron at as many frequencies as are asked for, from few: solutions at
/// some 10 to 20 frequencies, and rational functions with common poles between them. Where to solve
/// is planned with the response of white noise between the effective boundaries (kUniform), which
/// has its resonances at nearly the same places; further solutions, none of which the functions
/// know, stand for their error, and become part of them until two in a row agree.
///
/// Solutions are made when a frequency is first asked for, 0 … 30/τ_m together and an octave at a
/// time beyond: some tenths of a second each. Copies share them. Thread-safe.
class ExactResponseCurve {
 public:
  /// @param mu, sigma  the working point, as in exact_response()
  /// @param neuron     its parameters
  /// @param tolerance  error of δν/δμ and δν/δσ² relative to their moduli (from 1e-3 of their
  ///                   largest on), and of the spectrum; > 1e-5
  ExactResponseCurve(double mu, double sigma, const LifParameters& neuron, double tolerance = 1e-3);

  /// The response at ω [1/s], ≥ 0; ω = 0 is exact_response() itself. NaN where that is.
  [[nodiscard]] ExactResponse at_frequency(double omega) const;

  /// What at_frequency() differed by, in its tolerance's sense, from the last solution it did not
  /// know, and how many solutions it knows: of the frequencies up to ω. Where no function is good
  /// to the tolerance each frequency is solved by itself, and the error is that of exact_response()
  /// (0 here).
  struct Quality {
    double error = 0;   ///< relative
    int solutions = 0;  ///< by exact_response()
  };
  /// Of the frequencies up to ω [1/s].
  [[nodiscard]] Quality quality(double omega) const;

 private:
  struct Solutions;
  std::shared_ptr<Solutions> solutions_;
};

/// @}
}  // namespace nuphi
