#include "continue_notes.h"

#include <fmt/format.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/validity.h>

#include <utility>

#include "verdict.h"

namespace nuphi::runner {
std::vector<Note> branch_notes(const ContinuationReport& report, int most) {
  std::vector<Note> notes = network_notes(report.model.network);
  const VariedParameter& p = report.parameter;
  const auto look_at = [&](const DiagramState& point, std::size_t branch) {
    const Network there = report.network(point.parameter);
    const StationaryState state = evaluate_state(mean_field(there), point.rates);
    std::string where = fmt::format("at {} = {}", p.name, p.text(point.parameter));
    if (report.diagram.branches.size() > 1) where += fmt::format(" of branch {}", branch + 1);
    for (Note& note : validity_notes(there, state)) {
      note.message = where + ": " + note.message;
      add_note(notes, std::move(note));
    }
  };
  for (std::size_t k = 0; k < report.diagram.branches.size(); ++k) {
    const std::vector<DiagramState>& points = report.diagram.branches[k].points;
    if (points.empty()) continue;
    look_at(points.front(), k);
    look_at(points.back(), k);
  }
  if (static_cast<int>(report.diagram.branches.size()) >= most)
    notes.push_back(
        {"branch-limit", fmt::format("no more than {} branches are followed", most), {}});
  return notes;
}

}  // namespace nuphi::runner
