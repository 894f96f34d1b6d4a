#include <nuphi/rates/stationary.h>

namespace nuphi {

StationaryResult solve_stationary(const Network& network, const SolveOptions& options,
                                  const SolveControl& control) {
  return solve_stationary(mean_field(network), options, control);
}

StationarySet find_stationary_states(const Network& network, const SolveOptions& options,
                                     const SolveControl& control) {
  return find_stationary_states(mean_field(network), options, control);
}

}  // namespace nuphi
