#pragma once

#include <nuphi/core/lif.h>

#include <string>
#include <vector>

#include "points_row.h"

namespace nuphi::runner {

/// Columns every table of points of LIF neurons has, and those it may have.
inline const std::vector<std::string> kPointColumns = {"mu",      "sigma", "V_th",
                                                       "V_reset", "tau_m", "t_ref"};
inline const std::vector<std::string> kOptionalPointColumns = {"tau_syn", "correction"};

/// One neuron at one working point.
struct WorkingPoint {
  double mu = 0;
  double sigma = 0;
  LifParameters neuron;
  Correction correction = Correction::kShift;
};

/// Reads working points from rows of a table with these columns.
class WorkingPointColumns {
 public:
  explicit WorkingPointColumns(const PointsHeader& header);

  /// @throws ModelError for a field that is no number, and for a number outside the domain of
  /// siegert(): not finite, σ < 0, τ_m ≤ 0, t_ref < 0, τ_syn < 0, V_reset ≥ V_th
  [[nodiscard]] WorkingPoint operator()(const PointsRow& row) const;

 private:
  [[nodiscard]] Correction correction(const PointsRow& row) const;

  std::size_t mu_, sigma_, V_th_, V_reset_, tau_m_, t_ref_, tau_syn_, correction_;
};

/// A finite number ≥ 0. @throws ModelError
double non_negative(const PointsRow& row, std::size_t column, const char* name);

/// "none", "shift", … . @return false if it is none of them
bool parse_correction(std::string_view name, Correction& correction);

}  // namespace nuphi::runner
