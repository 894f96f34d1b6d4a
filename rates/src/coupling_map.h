#pragma once

#include <nuphi/models/coupling.h>
#include <nuphi/solver/problem.h>

#include <memory>

namespace nuphi {

/// The Jacobian of `gains` as a map. It copies the gains at every update() and uses the work space
/// of the products.
[[nodiscard]] std::unique_ptr<JacobianMap> make_coupling_map(CouplingProduct& product,
                                                             const Gains& gains);

}  // namespace nuphi
