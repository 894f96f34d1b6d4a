#include "population_sizes.h"

#include <utility>

namespace nuphi::detail {

Eigen::VectorXd population_sizes(const Network& network) {
  std::vector<Diagnostic> faults;
  Eigen::VectorXd sizes(static_cast<Eigen::Index>(network.populations.size()));
  for (std::size_t i = 0; i < network.populations.size(); ++i) {
    sizes[static_cast<Eigen::Index>(i)] = network.populations[i].size;
    if (network.populations[i].size > 0) continue;
    Diagnostic d;
    d.code = "missing-size";
    d.path = "populations[" + std::to_string(i) + "]";
    d.message =
        "population " + network.populations[i].name + " has no size; finite-size noise needs one";
    d.hint = "give the population a `size`";
    faults.push_back(std::move(d));
  }
  if (!faults.empty()) throw ModelError(std::move(faults));
  return sizes;
}

}  // namespace nuphi::detail
