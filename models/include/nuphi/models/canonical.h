#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/network.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// Sparse E/I network of delta-synapse LIF neurons, model A of N. Brunel (2000), Dynamics of
/// sparsely connected networks of excitatory and inhibitory spiking neurons, J. Comput. Neurosci.
/// 8:183-208, doi:10.1023/A:1008925309027.
struct Brunel2000Parameters {
  double J = 0.1e-3;               ///< excitatory jump [V]
  double g = 5;                    ///< inhibitory weight is −g J
  double eta = 2;                  ///< external rate over threshold rate ν_thr = θ/(C_E J τ)
  double C_E = 1000;               ///< excitatory in-degree; the inhibitory one is C_E/4
  double tau_m = 20e-3;            ///< [s]
  double t_ref = 2e-3;             ///< [s]
  double V_th = 20e-3;             ///< θ [V]
  double V_reset = 10e-3;          ///< [V]
  double delay = 1.5e-3;           ///< [s]
  double excitatory_size = 10000;  ///< N_E
  double inhibitory_size = 2500;   ///< N_I
};
/// Populations E and I with these parameters.
[[nodiscard]] Network brunel2000(const Brunel2000Parameters& parameters = {});

/// Cortical microcircuit below 1 mm² of early sensory cortex, 8 populations, full scale: T. C.
/// Potjans and M. Diesmann (2014), The cell-type specific cortical microcircuit, Cereb. Cortex
/// 24:785-806, doi:10.1093/cercor/bhs358, table 5.
struct PotjansDiesmann2014Parameters {
  double g = 4;              ///< inhibitory PSCs are −g times the excitatory ones
  double external_rate = 8;  ///< of each background synapse [Hz]
  double weight = 87.8e-12;  ///< excitatory PSC peak [A]; doubled from 4E to 23E
};
/// Populations 23E, 23I, … 6E, 6I with these parameters.
[[nodiscard]] Network potjans_diesmann2014(const PotjansDiesmann2014Parameters& parameters = {});

/// @}
}  // namespace nuphi
