#include <nuphi/rates/symmetry.h>
#include <nuphi/solver/methods.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <nuphi/solver/known_points.h>
#include <nuphi/solver/steps.h>
#include "quotient.h"
#include "rate_problem.h"

namespace nuphi {
namespace {

constexpr int kKinds = 3;  // of units of one group, see find_states_up_to_symmetry()
constexpr int kAllKinds = std::numeric_limits<int>::max();
constexpr std::size_t kFewShares = 40;  // so many are all searched
constexpr std::size_t kMostShares = 1000;
constexpr double kScale = 0.1;        // [Hz], of the levels in which rates are compared
constexpr double kEqualLevel = 1e-6;  // of units that fire alike

class ClassSearch {
 public:
  ClassSearch(const MeanField& field, std::vector<Exchangeable> groups, const SolveOptions& options,
              const SolveControl& control)
      : field_(field),
        options_(options),
        control_(control),
        matrices_(coupling_matrices(field.coupling)),
        problem_(field),
        known_(problem_.lower(), problem_.upper(), kScale) {
    result_.groups = std::move(groups);
  }

  StateClasses run();

 private:
  void search(const std::vector<Cell>& cells);
  void keep(const Eigen::VectorXd& rates);
  [[nodiscard]] Eigen::VectorXd sorted(const Eigen::VectorXd& rates) const;
  [[nodiscard]] double size_of(const Eigen::VectorXd& rates) const;
  [[nodiscard]] std::vector<long> levels(const Eigen::VectorXd& rates,
                                         const std::vector<Eigen::Index>& unit) const;
  void close(std::size_t networks);

  const MeanField& field_;
  const SolveOptions& options_;
  const SolveControl& control_;
  std::vector<Eigen::MatrixXd> matrices_;
  RateProblem problem_;
  KnownPoints known_;
  StateClasses result_;
};

// Rounded, so that equal to the accuracy of a solve is equal.
std::vector<long> ClassSearch::levels(const Eigen::VectorXd& rates,
                                      const std::vector<Eigen::Index>& unit) const {
  std::vector<long> numbers;
  for (const Eigen::Index i : unit)
    numbers.push_back(std::lround(known_.level(rates[i], i) / kEqualLevel));
  return numbers;
}

// The member of its class in which the units that fire most come first.
Eigen::VectorXd ClassSearch::sorted(const Eigen::VectorXd& rates) const {
  Eigen::VectorXd result = rates;
  for (const auto& [units] : result_.groups) {
    std::vector<std::size_t> order(units.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&, &units = units](auto a, auto b) {
      return levels(rates, units[a]) > levels(rates, units[b]);
    });
    for (std::size_t u = 0; u < units.size(); ++u) {
      for (std::size_t p = 0; p < units[u].size(); ++p)
        result[units[u][p]] = rates[units[order[u]][p]];
    }
  }
  return result;
}

// Of sorted rates.
double ClassSearch::size_of(const Eigen::VectorXd& rates) const {
  double size = 1;
  for (const auto& [units] : result_.groups) {
    double equal = 0;
    for (std::size_t u = 0; u < units.size(); ++u) {
      const auto same = [&](Eigen::Index a, Eigen::Index b) {
        return std::abs(known_.level(rates[a], a) - known_.level(rates[b], b)) < 2 * kEqualLevel;
      };
      const bool repeats =
          u > 0 && std::equal(units[u].begin(), units[u].end(), units[u - 1].begin(), same);
      equal = repeats ? equal + 1 : 1;
      size *= static_cast<double>(u + 1) / equal;
    }
  }
  return std::round(size);
}

void ClassSearch::keep(const Eigen::VectorXd& rates) {
  Session session(problem_, rates, Method::kNewton, {options_.tolerance, options_.max_iterations},
                  control_);
  Point point{.x = sorted(rates), .defect = {}};
  session.evaluate(point);
  if (!session.is_best_possible(point) && !try_newton(session, point)) return;
  StationaryState state = evaluate_state(field_, point.x);
  KnownPoint found{.x = point.x, .index = state.index.value_or(0)};
  if (known_.find(found)) return;
  known_.add(std::move(found));
  result_.classes.push_back({.size = size_of(state.rates), .members = {}});
  result_.set.states.push_back(std::move(state));
}

void ClassSearch::search(const std::vector<Cell>& cells) {
  const MeanField small = quotient(field_, matrices_, cells);
  SolveOptions options = options_;
  options.initial_rates.resize(0);
  const StationarySet set = find_stationary_states(small, options, control_);
  result_.set.summary.evaluations += set.summary.evaluations;
  result_.set.summary.factorizations += set.summary.factorizations;
  result_.set.summary.seconds += set.summary.seconds;
  for (const StationaryState& state : set.states) keep(expand(state.rates, cells));
}

void ClassSearch::close(std::size_t networks) {
  StationarySet& set = result_.set;
  std::vector<std::size_t> order(set.states.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return set.states[a].rates.sum() < set.states[b].rates.sum();
  });
  std::vector<StationaryState> states;
  std::vector<StateClass> classes;
  double sum = 0, total = 0;
  bool known = true;
  for (const std::size_t k : order) {
    const double size = result_.classes[k].size;
    classes.push_back({.size = size, .members = {states.size()}});
    known = known && set.states[k].index;
    sum += size * set.states[k].index.value_or(0);
    total += size;
    set.summary.residual = std::max(set.summary.residual, set.states[k].residual);
    states.push_back(std::move(set.states[k]));
  }
  set.states = std::move(states);
  result_.classes = std::move(classes);
  // Beyond that the sum is not exact, or no `int`.
  if (known && total < 1e15 && std::abs(sum) < std::numeric_limits<int>::max()) {
    set.index_sum = static_cast<int>(sum);
    if (problem_.maps_box_into_itself()) set.missing_states = *set.index_sum != 1;
  }
  set.summary.method_requested = options_.method;
  set.summary.method_used = Method::kNewton;
  set.summary.termination = control_.stop.stop_requested() ? Termination::kInterrupted
                            : set.states.empty()           ? Termination::kStalled
                                                           : Termination::kConverged;
  set.summary.message = fmt::format(
      "{} states up to permutation, {:.15g} in all, from {} smaller networks; {}",
      set.states.size(), total, networks,
      !set.missing_states   ? "there may be more"
      : *set.missing_states ? fmt::format("their indices add up to {} where those of all add up to "
                                          "1: some are missing",
                                          *set.index_sum)
                            : "their indices add up to 1, as they must; there may be more");
}

StateClasses ClassSearch::run() {
  std::vector<std::vector<Cell>> all =
      shares(result_.groups, field_.size(), kAllKinds, kFewShares + 1);
  if (all.size() > kFewShares) all = shares(result_.groups, field_.size(), kKinds, kMostShares);
  for (const auto& cells : all) {
    if (control_.stop.stop_requested()) break;
    search(cells);
  }
  close(all.size());
  return std::move(result_);
}

StateClasses each_its_own(StationarySet set) {
  StateClasses result;
  result.set = std::move(set);
  for (std::size_t k = 0; k < result.set.states.size(); ++k)
    result.classes.push_back({.size = 1, .members = {k}});
  return result;
}

}  // namespace

StateClasses find_states_up_to_symmetry(const MeanField& field, const SolveOptions& options,
                                        const SolveControl& control) {
  std::vector<Exchangeable> groups = exchangeable_units(field);
  if (groups.empty()) return each_its_own(find_stationary_states(field, options, control));
  return ClassSearch(field, std::move(groups), options, control).run();
}

}  // namespace nuphi
