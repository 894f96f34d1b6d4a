// How others evaluate the Siegert rate, written from the papers, to measure where each loses
// digits. Needs GSL (GPL): used by tests and tools only, never linked into the library.
#pragma once

#include <nuphi/core/lif.h>

#include <array>

namespace nuphi::test {

struct PeerRate {
  double rate = 0;       ///< [Hz], or whatever the formula gave
  bool gave_up = false;  ///< the quadrature reported that it missed its tolerance
  int evaluations = 0;   ///< of the integrand
};

/// Relative tolerance handed to the adaptive quadrature (GSL QAG): that of NEST's siegert_neuron.
inline constexpr double kPeerTolerance = 1.49e-8;

/// ∫ e^{s²}(1 + erf s) ds from y_r to y_t, as it stands in Brunel (2000), eq. 21.
[[nodiscard]] PeerRate plain_quadrature(double mu, double sigma, const LifParameters& neuron);

/// √π∫ e^{s²}(1 + erf s) ds = ∫_0^∞ e^{−u²} (e^{2y_t u} − e^{2y_r u})/u du (Brunel & Hakim 1999),
/// for y_t > 0 with the factor e^{y_t²} taken out: e^{−(u − y_t)²} (1 − e^{−2(y_t − y_r)u})/u; the
/// upper limit where nothing is left. Hahne et al. (2017), app. A.1; NEST until 2.20.
[[nodiscard]] PeerRate half_line(double mu, double sigma, const LifParameters& neuron);

/// The growing part in closed form by Dawson's integral D, the rest as ∫ erfcx(s) ds over positive
/// s, with the factor e^{−y_t²} taken out of numerator and denominator for y_t > 0 (van Meegen
/// 2020; NEST from 3.0).
///   0 < y_r:        2e^{y_t²}D(y_t) − 2e^{y_r²}D(y_r) − ∫_{y_r}^{y_t} erfcx
///   y_r ≤ 0 ≤ y_t:  2e^{y_t²}D(y_t) + ∫_{y_t}^{|y_r|} erfcx
///   y_t < 0:        ∫_{|y_t|}^{|y_r|} erfcx
[[nodiscard]] PeerRate scaled_erfcx(double mu, double sigma, const LifParameters& neuron);

struct Peer {
  const char* name;
  PeerRate (*rate)(double mu, double sigma, const LifParameters& neuron);
};
inline constexpr std::array<Peer, 3> kPeers{{{"plain quadrature", plain_quadrature},
                                             {"half line", half_line},
                                             {"scaled erfcx", scaled_erfcx}}};

}  // namespace nuphi::test
