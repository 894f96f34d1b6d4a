#include <nuphi/rates/stationary.h>

#include <tbb/parallel_for.h>

#include <cstddef>

namespace nuphi {

StationaryResult solve_stationary(const Network& network, const SolveOptions& options,
                                  const SolveControl& control) {
  return solve_stationary(mean_field(network), options, control);
}

std::vector<StationaryResult> solve_many(std::span<const MeanField> fields,
                                         const SolveOptions& options, const SolveControl& control) {
  std::vector<StationaryResult> results(fields.size());
  tbb::parallel_for(std::size_t{0}, fields.size(), [&](std::size_t k) {
    results[k] = solve_stationary(fields[k], options, control);
  });
  return results;
}

StationarySet find_stationary_states(const Network& network, const SolveOptions& options,
                                     const SolveControl& control) {
  return find_stationary_states(mean_field(network), options, control);
}

}  // namespace nuphi
