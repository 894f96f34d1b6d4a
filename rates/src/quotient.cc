#include "quotient.h"

#include <algorithm>

namespace nuphi {
namespace {

using Partition = std::vector<std::size_t>;

// Of `count` into at most `parts` parts of at most `largest`, the longest first; no more than
// `most`.
void add_partitions(std::size_t count, std::size_t largest, int parts, std::size_t most,
                    Partition& begun, std::vector<Partition>& found) {
  if (found.size() >= most) return;
  if (count == 0) {
    found.push_back(begun);
    return;
  }
  if (parts == 0) return;
  for (std::size_t part = std::min(count, largest); part > 0; --part) {
    begun.push_back(part);
    add_partitions(count - part, part, parts - 1, most, begun, found);
    begun.pop_back();
  }
}

void add_cells(const Exchangeable& group, const Partition& partition, std::vector<Cell>& cells) {
  std::size_t first = 0;
  for (const std::size_t count : partition) {
    for (std::size_t p = 0; p < group.units.front().size(); ++p) {
      Cell cell;
      for (std::size_t u = first; u < first + count; ++u) cell.push_back(group.units[u][p]);
      cells.push_back(std::move(cell));
    }
    first += count;
  }
}

}  // namespace

std::vector<Eigen::MatrixXd> coupling_matrices(const Coupling& coupling) {
  const Coupling stored = coupling.with_matrices();
  std::vector<Eigen::MatrixXd> matrices;
  for (Eigen::Index k = 0; k < stored.sums(); ++k) {
    if (stored.is_dense()) {
      matrices.push_back(stored.dense(k));
    } else {
      matrices.emplace_back(stored.sparse(k));
    }
  }
  return matrices;
}

MeanField quotient(const MeanField& field, const std::vector<Eigen::MatrixXd>& matrices,
                   const std::vector<Cell>& cells) {
  const auto n = static_cast<Eigen::Index>(cells.size());
  std::vector<Eigen::MatrixXd> sums(matrices.size(), Eigen::MatrixXd::Zero(n, n));
  MeanField small;
  small.external.resize(n, field.sums());
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Index one = cells[static_cast<std::size_t>(i)].front();
    const auto k = static_cast<std::size_t>(one);
    small.names.push_back(field.names.empty() ? "" : field.names[k]);
    small.nodes.push_back(field.nodes[k]);
    small.external.row(i) = field.external.row(one);
    if (!field.variance_sources.empty())
      small.variance_sources.push_back(field.variance_sources[k]);
    for (Eigen::Index j = 0; j < n; ++j) {
      for (const Eigen::Index source : cells[static_cast<std::size_t>(j)]) {
        for (std::size_t m = 0; m < matrices.size(); ++m) sums[m](i, j) += matrices[m](one, source);
      }
    }
  }
  small.coupling = Coupling::dense(std::move(sums));
  return small;
}

Eigen::VectorXd expand(const Eigen::VectorXd& rates, const std::vector<Cell>& cells) {
  std::size_t n = 0;
  for (const Cell& cell : cells) n += cell.size();
  Eigen::VectorXd all(static_cast<Eigen::Index>(n));
  for (std::size_t k = 0; k < cells.size(); ++k) {
    for (const Eigen::Index i : cells[k]) all[i] = rates[static_cast<Eigen::Index>(k)];
  }
  return all;
}

std::vector<std::vector<Cell>> shares(const std::vector<Exchangeable>& groups,
                                      Eigen::Index populations, int kinds, std::size_t most) {
  std::vector<bool> grouped(static_cast<std::size_t>(populations), false);
  for (const Exchangeable& group : groups) {
    for (const auto& unit : group.units) {
      for (const Eigen::Index i : unit) grouped[static_cast<std::size_t>(i)] = true;
    }
  }
  std::vector<Cell> alone;
  for (Eigen::Index i = 0; i < populations; ++i) {
    if (!grouped[static_cast<std::size_t>(i)]) alone.push_back({i});
  }
  std::vector<std::vector<Cell>> all = {alone};
  for (const Exchangeable& group : groups) {
    std::vector<Partition> partitions;
    Partition begun;
    add_partitions(group.units.size(), group.units.size(), kinds, most, begun, partitions);
    // Few kinds first.
    std::stable_sort(partitions.begin(), partitions.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
    std::vector<std::vector<Cell>> longer;
    for (const auto& cells : all) {
      for (const Partition& partition : partitions) {
        if (longer.size() >= most) break;
        longer.push_back(cells);
        add_cells(group, partition, longer.back());
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace nuphi
