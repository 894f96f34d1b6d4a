#pragma once

#include <nuphi/models/notes.h>

#include <functional>
#include <vector>

#include "continue_report.h"

namespace nuphi::runner {

/// What to say of branches: the slips of the model, where the theory does not hold at their ends
/// (each code once, with the value of the parameter), and that more branches than `most` were due.
/// @param network  that at a value of the parameter
std::vector<Note> branch_notes(const ContinuationReport& report, int most,
                               const std::function<Network(double)>& network);

}  // namespace nuphi::runner
