#include <nuphi/solver/fixed_point_problem.h>

#include <cassert>

namespace nuphi {

void FixedPointProblem::jacobian(Eigen::SparseMatrix<double>&) const {
  assert(!"a problem that is_sparse() must give its sparse Jacobian");
}

bool FixedPointProblem::jump_defect(Eigen::VectorXd&) { return false; }

}  // namespace nuphi
