#pragma once

namespace nuphi {

/// Jump J [V] of the membrane that has the same integral as a PSC of peak W [A]: J = τ_syn W / C_m.
inline double jump_from_current(double current, double tau_syn, double C_m) {
  return tau_syn * current / C_m;
}
/// The same from the peak of the PSP. With r = τ_syn/τ_m, PSP = J r^{τ_syn/(τ_m−τ_syn)}; in this
/// form nothing cancels as τ_syn → τ_m, where PSP = J/e. τ_syn = 0: J itself.
double jump_from_psp(double psp, double tau_syn, double tau_m);

/// In-degree from a connection probability. Multapse (fixed total number, several synapses a pair
/// allowed):
///   K = ln(1−p) / ln(1 − 1/(N_pre N_post)) / N_post
double multapse_indegree(double probability, double source_size, double target_size);

}  // namespace nuphi
