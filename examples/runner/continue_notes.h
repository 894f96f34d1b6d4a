#pragma once

#include <nuphi/models/notes.h>

#include <vector>

#include "continue_report.h"

namespace nuphi::runner {

/// What to say of branches: the slips of the model, where the theory does not hold at their ends
/// (each code once, with the value of the parameter), and that more branches than `most` were due.
std::vector<Note> branch_notes(const ContinuationReport& report, int most);

}  // namespace nuphi::runner
