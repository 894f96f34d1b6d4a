#pragma once

#include <nuphi/solver/inverse.h>

#include <Eigen/Core>
#include <optional>
#include <vector>

namespace nuphi {

/// The residuals of a fit as a function of scaled parameters z = p/scale, and their Jacobian:
/// parameters → mean field → ν. Keeps the state of the last point that was linearised and seeks
/// others from there, along dν/dp: the fit follows one branch of fixed points as far as it goes.
class FitModel {
 public:
  /// @throws std::invalid_argument for a target of the wrong size or without any population.
  FitModel(const FieldFamily& family, const FitTarget& target, const FitOptions& options,
           const SolveControl& control);

  [[nodiscard]] Eigen::Index parameters() const { return scale_.size(); }
  [[nodiscard]] Eigen::Index residual_count() const {
    return static_cast<Eigen::Index>(rows_.size());
  }
  [[nodiscard]] const Eigen::VectorXd& scale() const { return scale_; }

  /// Solves at the start by the given options. @throws ModelError when the model is wrong there.
  [[nodiscard]] Summary start(const Eigen::VectorXd& z);
  /// Finds the stationary rates at z. False when the model is wrong there or none are found from
  /// the last linearised point.
  [[nodiscard]] bool locate(const Eigen::VectorXd& z);
  /// √w (ν − t) [Hz] at the located point, one per target.
  [[nodiscard]] Eigen::VectorXd residuals() const;
  /// Its Jacobian in z, and the located point becomes the one to seek from. Not finite at a fold.
  [[nodiscard]] const Eigen::MatrixXd& linearize();

  [[nodiscard]] const Eigen::VectorXd& rates() const { return rates_; }
  [[nodiscard]] const MeanField& field() const { return field_; }
  /// max |ν − t| / max(1 Hz, t) over the targets that count.
  [[nodiscard]] double misfit() const;
  [[nodiscard]] int evaluations() const { return evaluations_; }
  [[nodiscard]] int factorizations() const { return factorizations_; }

 private:
  [[nodiscard]] bool relocate(const Eigen::VectorXd& z);

  const FieldFamily& family_;
  const FitTarget& target_;
  const FitOptions& options_;
  const SolveControl& control_;
  Eigen::VectorXd scale_;
  std::vector<Eigen::Index> rows_;  // populations with a target
  Eigen::VectorXd root_weight_;     // √w, by row

  Eigen::VectorXd z_, rates_;  // located
  MeanField field_;
  Eigen::VectorXd anchor_z_, anchor_rates_;  // linearised last
  Eigen::MatrixXd drates_;                   // dν/dz there, all populations
  Eigen::MatrixXd jacobian_;
  int evaluations_ = 0;
  int factorizations_ = 0;
};

}  // namespace nuphi
