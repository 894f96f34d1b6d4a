#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/rates/stationary.h>

#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// Units of populations that are exchangeable: any permutation of them leaves the network as it is.
/// A unit is one population, or several that change places together, as the excitatory and the
/// inhibitory population of a cluster. All units have the same size, and population p of one
/// corresponds to population p of another.
struct Exchangeable {
  /// Populations of each unit, shape=(units, populations of a unit).
  std::vector<std::vector<Eigen::Index>> units;
};

/// Groups of exchangeable units, of two and more; no population is in two of them. Neurons,
/// external input and couplings are compared exactly. Empty for fields with other transfer
/// functions (MeanField::transfer).
[[nodiscard]] std::vector<Exchangeable> exchangeable_units(const MeanField& field);

/// States that permutations of exchangeable units turn into each other.
struct StateClass {
  /// Their number: Π m!/(k_1! k_2! …) over the groups, k_i units of m being equal.
  double size = 1;
  std::vector<std::size_t> members;  ///< positions in the set of those that are listed: one
};

/// What find_states_up_to_symmetry() returns.
struct StateClasses {
  StationarySet set;  ///< one state of each class; `index_sum` counts each as often as its size
  std::vector<StateClass> classes;   ///< one a state, in the same order
  std::vector<Exchangeable> groups;  ///< by which states were put into classes
};

/// As find_stationary_states(), one state for each class of states that are the same up to
/// permutation. States in which units of a group fire alike are those of a smaller network
/// (Golubitsky, Stewart & Schaeffer 1988, fixed-point subspaces): for every way to share the units
/// out among up to three kinds (all ways, where they are few) that network is searched, and what is
/// found is verified in the whole network. States with more kinds of units of one group than that
/// are not looked for: each unit sees the same rest of the network, so that there are as many kinds
/// as one unit has states of its own. Without exchangeable units every state is a class.
/// @throws as find_stationary_states()
[[nodiscard]] StateClasses find_states_up_to_symmetry(const MeanField& field,
                                                      const SolveOptions& options = {},
                                                      const SolveControl& control = {});

/// @}
}  // namespace nuphi
