#pragma once

#include <nuphi/rates/inverse.h>

#include <Eigen/Core>
#include <limits>
#include <vector>

namespace nuphi {

/// The residuals of a fit as a function of scaled parameters z = p/scale, and their Jacobian:
/// parameters → mean field → ν. Keeps the state of the last point that was linearised and seeks
/// others from there, along dν/dp: the fit follows one branch of fixed points as far as it goes.
class FitModel {
 public:
  /// @throws std::invalid_argument for a target of the wrong size or without any population.
  FitModel(const ModelFamily& family, const FitTarget& target, const FitOptions& options,
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
  [[nodiscard]] bool solve_at(const Eigen::VectorXd& z);
  /// √w (ν − t) [Hz] at the located point, one per target.
  [[nodiscard]] Eigen::VectorXd residuals() const;
  /// Its Jacobian in z, and the located point becomes the one to seek from. Not finite at a fold.
  [[nodiscard]] const Eigen::MatrixXd& linearize();

  /// The linearised point of least cost: a trial far away may have been linearised since. Locates
  /// it.
  [[nodiscard]] const Eigen::VectorXd& return_to_best();

  [[nodiscard]] const Eigen::VectorXd& rates() const { return here_.rates; }
  [[nodiscard]] const MeanField& field() const { return here_.field; }
  /// max |ν − t| / max(1 Hz, t) over the targets that count.
  [[nodiscard]] double misfit() const;
  [[nodiscard]] int evaluations() const { return evaluations_; }
  [[nodiscard]] int factorizations() const { return factorizations_; }

 private:
  struct Place {
    Eigen::VectorXd z;
    Eigen::VectorXd rates;
    MeanField field;
    Eigen::MatrixXd drates;    // dν/dz, all populations; empty until linearised
    Eigen::MatrixXd jacobian;  // of the residuals
    double cost = std::numeric_limits<double>::infinity();

    [[nodiscard]] bool is_at(const Eigen::VectorXd& other) const {
      return z.size() == other.size() && z == other;
    }
  };
  [[nodiscard]] bool locate_from(const Place& place, const Eigen::VectorXd& z);

  const ModelFamily& family_;
  const FitTarget& target_;
  const FitOptions& options_;
  const SolveControl& control_;
  Eigen::VectorXd scale_;
  std::vector<Eigen::Index> rows_;  // populations with a target
  Eigen::VectorXd root_weight_;     // √w, by row
  Place here_;                      // located last
  Place anchor_;                    // linearised last
  Place best_;                      // of least cost among the linearised
  int evaluations_ = 0;
  int factorizations_ = 0;
};

}  // namespace nuphi
