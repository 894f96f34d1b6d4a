#include "synapses.h"

#include <cmath>

namespace nuphi {

double jump_from_psp(double psp, double tau_syn, double tau_m) {
  if (tau_syn == 0) return psp;
  const double x = (tau_m - tau_syn) / tau_syn;  // r^{−τ_syn/(τ_m−τ_syn)} = (1+x)^{1/x}
  const double exponent = x == 0 ? 1.0 : std::log1p(x) / x;
  return psp * std::exp(exponent);
}

double multapse_indegree(double probability, double source_size, double target_size) {
  return std::log1p(-probability) / std::log1p(-1.0 / (source_size * target_size)) / target_size;
}

}  // namespace nuphi
