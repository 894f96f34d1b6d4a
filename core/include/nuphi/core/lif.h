#pragma once

#include <nuphi/core/export.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Parameters of a leaky integrate-and-fire neuron,
///   τ_m dV/dt = −V + μ(t)
/// with a spike and a reset to V_reset when V reaches V_th, silent for t_ref afterwards. Voltages
/// are relative to the resting potential E_L. SI units.
struct LifParameters {
  double tau_m = 20e-3;    ///< membrane time constant [s], > 0
  double t_ref = 2e-3;     ///< absolute refractory time [s], ≥ 0
  double V_th = 20e-3;     ///< threshold relative to E_L [V]
  double V_reset = 10e-3;  ///< reset relative to E_L [V], < V_th
  double tau_syn = 0.0;    ///< synaptic time constant [s], ≥ 0; 0 for delta synapses

  bool operator==(const LifParameters&) const = default;
};

/// How the colour of exponentially filtered input (τ_syn > 0) enters the rate; without effect where
/// τ_syn = 0.
enum class Correction {
  kNone,  ///< white noise: τ_syn is ignored
  kShift,  ///< both boundaries shifted by c = (α/2)√(τ_syn/τ_m) (Fourcaud & Brunel 2002; Schuecker
           ///< et al. 2015)
  kTaylor,  ///< first order of the shift in √(τ_syn/τ_m) (Fourcaud & Brunel 2002, eq. 4.33)
  kShiftRefractory,  ///< as kShift, the reset shift multiplied by exp(−t_ref/τ_syn)
  kAdiabatic,        ///< slow synapses, τ_syn ≫ τ_m (Moreno-Bote & Parga 2010)
  kUniform,          ///< a closed form fitted to kExact, for τ_syn ≲ 2 τ_m
  kExact,            ///< a boundary-integral equation solved: exact_rate(), milliseconds
};

/// @}
}  // namespace nuphi
