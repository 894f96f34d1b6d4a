#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/mean_field.h>

#include <vector>

namespace nuphi {
namespace NUPHI_PUBLIC petsc {

/// The rows of a MeanField that one rank holds: `first` … `first + rows() − 1` of `size`. The ranks
/// hold consecutive blocks in order; any split will do.
///   μ = A ν + a,  σ² = B ν + b,  A and B in compressed rows with one pattern
struct DistributedField {
  Eigen::Index size = 0;                       ///< populations on all ranks, < 2³¹
  Eigen::Index first = 0;                      ///< global number of the first row here
  std::vector<LifParameters> neurons;          ///< size rows()
  Correction correction = Correction::kShift;  ///< the same on all ranks
  std::vector<int> row_begin = {0};            ///< size rows() + 1, into the next three; < 2³¹
  /// Global numbers, ascending within a row, the row's own number always among them.
  std::vector<int> columns;
  std::vector<double> mean;           ///< A [V s]
  std::vector<double> variance;       ///< B [V² s]
  Eigen::VectorXd external_mean;      ///< a [V], size rows()
  Eigen::VectorXd external_variance;  ///< b [V²], size rows()

  /// Number of rows here.
  [[nodiscard]] Eigen::Index rows() const { return external_mean.size(); }
};

/// Rows first … last − 1 of a network. @throws std::invalid_argument for a coupling that is neither
/// dense nor sparse, or more than 2³¹ − 1 entries.
[[nodiscard]] DistributedField rows_of(const MeanField& field, Eigen::Index first,
                                       Eigen::Index last);

/// The whole from one block that holds all rows. @throws std::invalid_argument for another block.
[[nodiscard]] MeanField whole(const DistributedField& field);

/// Collective: rank 0 gives every rank its share, of equal length to within one row. Elsewhere the
/// argument is ignored and may be null: only rank 0 needs memory for the whole.
/// @throws std::invalid_argument on every rank for what rows_of() refuses
[[nodiscard]] DistributedField scatter(const MeanField* field);
/// Collective: the inverse; one block with all rows on rank 0, an empty one elsewhere.
[[nodiscard]] DistributedField gather(const DistributedField& field);

}  // namespace petsc
}  // namespace nuphi
