#pragma once

#include <nuphi/models/mean_field.h>
#include <nuphi/rates/symmetry.h>

#include <vector>

namespace nuphi {

/// L_1 … L_K as dense matrices.
[[nodiscard]] std::vector<Eigen::MatrixXd> coupling_matrices(const Coupling& coupling);

/// Populations that fire alike.
using Cell = std::vector<Eigen::Index>;

/// The network of the cells: the members of each have the same neurons and inputs, and the same sum
/// of couplings from every other cell, so that they stay equal.
[[nodiscard]] MeanField quotient(const MeanField& field,
                                 const std::vector<Eigen::MatrixXd>& matrices,
                                 const std::vector<Cell>& cells);

/// Rates of all populations from those of the cells.
[[nodiscard]] Eigen::VectorXd expand(const Eigen::VectorXd& rates, const std::vector<Cell>& cells);

/// The ways to share the units of each group out among at most `kinds` kinds, all units of a kind
/// firing alike, up to permutation: for each the cells. More than `most` are not listed.
[[nodiscard]] std::vector<std::vector<Cell>> shares(const std::vector<Exchangeable>& groups,
                                                    Eigen::Index populations, int kinds,
                                                    std::size_t most);

}  // namespace nuphi
