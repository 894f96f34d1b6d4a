#pragma once

#include <nuphi/core/lif.h>

#include "points_csv.h"

namespace nuphi::runner {

/// Columns every table of points has, and those it may have.
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

/// The row a reader stands on. @throws ModelError with file:line:column.
WorkingPoint working_point(const PointsReader& reader);

}  // namespace nuphi::runner
