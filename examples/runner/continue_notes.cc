#include "continue_notes.h"

#include <fmt/format.h>
#include <nuphi/solver/stationary.h>
#include <nuphi/solver/validity.h>

#include <algorithm>
#include <utility>

namespace nuphi::runner {
namespace {

class Notes {
 public:
  explicit Notes(std::vector<Note> known) : found_(std::move(known)) {}

  void add(std::vector<Note> notes, const std::string& where) {
    for (Note& note : notes) {
      if (has(note.code)) continue;
      note.message = where + ": " + note.message;
      found_.push_back(std::move(note));
    }
  }
  std::vector<Note> found() && { return std::move(found_); }

 private:
  [[nodiscard]] bool has(const std::string& code) const {
    return std::any_of(found_.begin(), found_.end(),
                       [&](const Note& note) { return note.code == code; });
  }
  std::vector<Note> found_;
};

}  // namespace

std::vector<Note> branch_notes(const ContinuationReport& report, int most,
                               const std::function<Network(double)>& network) {
  Notes notes(network_notes(report.model.network));
  const VariedParameter& p = report.parameter;
  const auto look_at = [&](const BranchPoint& point, std::size_t branch) {
    const Network there = network(point.parameter);
    const StationaryState state = evaluate_state(mean_field(there), point.x);
    std::string where = fmt::format("at {} = {}", p.name, p.text(point.parameter));
    if (report.branches.size() > 1) where += fmt::format(" of branch {}", branch + 1);
    notes.add(validity_notes(there, state), where);
  };
  for (std::size_t k = 0; k < report.branches.size(); ++k) {
    const std::vector<BranchPoint>& points = report.branches[k].found.branch.points;
    if (points.empty()) continue;
    look_at(points.front(), k);
    look_at(points.back(), k);
  }
  std::vector<Note> found = std::move(notes).found();
  if (static_cast<int>(report.branches.size()) >= most)
    found.push_back(
        {"branch-limit", fmt::format("no more than {} branches are followed", most), {}});
  return found;
}

}  // namespace nuphi::runner
