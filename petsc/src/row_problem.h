#pragma once

#include <nuphi/core/siegert.h>
#include <nuphi/petsc/distributed_field.h>

#include <petscvec.h>

#include <vector>

#include "petsc_call.h"

namespace nuphi::petsc {

/// ν ↦ Φ(ν) on the rows of one rank: the rates of the other ranks that the rows need are fetched
/// (the halo), each row is summed in the order of its columns, so that no rounding depends on the
/// number of ranks.
class RowProblem {
 public:
  /// @param field  must outlive the problem
  explicit RowProblem(const DistributedField& field);

  [[nodiscard]] Eigen::Index rows() const { return field_.rows(); }
  [[nodiscard]] const DistributedField& field() const { return field_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const { return upper_; }

  /// Collective. `value` = Φ(rates).
  void evaluate(const Eigen::VectorXd& rates, Eigen::VectorXd& value);

  // At the last evaluate():
  /// Entries of shift·1 − Φ', in the order of the field's. False when one is not finite.
  [[nodiscard]] bool system_values(double shift, std::vector<double>& values) const;
  /// Bound on the rounding error of Φ.
  void rounding(Eigen::VectorXd& bound) const;
  [[nodiscard]] const Eigen::VectorXd& mean_input() const { return mu_; }    ///< [V]
  [[nodiscard]] const Eigen::VectorXd& std_input() const { return sigma_; }  ///< [V]
  [[nodiscard]] const SiegertRate& response(Eigen::Index i) const { return response_[i]; }

 private:
  void find_halo();

  const DistributedField& field_;
  Eigen::VectorXd upper_;
  std::vector<int> halo_;           // global numbers of the rates fetched, ascending
  std::vector<int> local_columns_;  // of each entry: into seen_
  std::vector<double> seen_;        // own rates, then the halo
  Eigen::VectorXd mu_, sigma_, gain_mean_, gain_variance_;
  std::vector<SiegertRate> response_;
  Handle<Vec, VecDestroy> own_vector_, halo_vector_;  // views of seen_
  Handle<VecScatter, VecScatterDestroy> fetch_;
};

}  // namespace nuphi::petsc
