#pragma once

#include <Eigen/SparseCore>
#include <random>
#include <vector>

namespace nuphi::test {

/// Effective connectivity of n neurons, 4/5 excitatory (weight w) and 1/5 inhibitory (−g w), a
/// fixed number of inputs each.
inline Eigen::SparseMatrix<double> random_connectivity(int n, int indegree, double w, double g,
                                                       unsigned seed) {
  std::mt19937_64 engine(seed);
  std::vector<Eigen::Triplet<double>> entries;
  const int excitatory = n * 4 / 5;
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < indegree; ++k) {
      const bool from_E = k < indegree * 4 / 5;
      const auto size = static_cast<std::uint64_t>(from_E ? excitatory : n - excitatory);
      const int j = static_cast<int>(engine() % size) + (from_E ? 0 : excitatory);
      entries.emplace_back(i, j, from_E ? w : -g * w);
    }
  Eigen::SparseMatrix<double> matrix(n, n);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

}  // namespace nuphi::test
