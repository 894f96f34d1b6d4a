#include <nuphi/solver/problem.h>

#include <cassert>

namespace nuphi {
namespace {

template <class Matrix>
class MatrixMap final : public JacobianMap {
 public:
  explicit MatrixMap(const FixedPointProblem& problem) : problem_(problem) {}

  bool update() override {
    problem_.jacobian(matrix_);
    return matrix_.sum() - matrix_.sum() == 0;
  }
  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    product.noalias() = matrix_ * v;
  }
  void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    product.noalias() = matrix_.transpose() * v;
  }

 private:
  const FixedPointProblem& problem_;
  Matrix matrix_;
};

}  // namespace

void JacobianMap::prepare(double) {}
void JacobianMap::precondition(Eigen::VectorXd&) const {}
void JacobianMap::precondition_transposed(Eigen::VectorXd&) const {}

void FixedPointProblem::jacobian(Eigen::SparseMatrix<double>&) const {
  assert(!"a problem that is_sparse() must give its sparse Jacobian");
}

std::unique_ptr<JacobianMap> FixedPointProblem::jacobian_map() const {
  if (is_sparse()) return std::make_unique<MatrixMap<Eigen::SparseMatrix<double>>>(*this);
  return std::make_unique<MatrixMap<Eigen::MatrixXd>>(*this);
}

bool FixedPointProblem::jump_defect(Eigen::VectorXd&) { return false; }

}  // namespace nuphi
