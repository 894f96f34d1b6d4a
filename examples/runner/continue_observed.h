#pragma once

#include <functional>
#include <vector>

#include "continue_report.h"
#include "observables.h"

namespace nuphi::runner {

/// Calls visit(observable, state) for the usual observables of a point of a branch and those that
/// were asked for.
/// @param modes_counted  the point knows about its unstable modes
void for_observables(const ContinuationReport& report, const DiagramState& point,
                     const std::vector<const char*>& usual, bool modes_counted,
                     const std::function<void(const Observable&, const ObservedState&)>& visit);

}  // namespace nuphi::runner
