#pragma once

#include <nuphi/analysis/covariances.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <optional>
#include <string>
#include <vector>

#include "result_io.h"
#include "verdict.h"

namespace nuphi::runner {

/// Everything the command finds; what does not exist stays empty and has a note.
struct CovarianceReport {
  Model model;
  std::string noise;
  std::string frequencies;
  Summary summary;
  StationaryState state;
  bool of_neurons = false;  ///< every population is one neuron
  SpectralBound bound;
  Eigen::MatrixXd connectivity;
  Verdict verdict;
  std::optional<PopulationCovariances> covariances;
  std::optional<CovarianceSpectra> spectra;

  [[nodiscard]] const std::string& name(Eigen::Index i) const {
    return model.network.populations[static_cast<std::size_t>(i)].name;
  }
  /// Between neurons, the averages over populations of one are the covariances themselves.
  [[nodiscard]] const Eigen::MatrixXd& between() const {
    return of_neurons ? covariances->averages : covariances->pairwise;
  }
};

Json to_json(const CovarianceReport& report);
std::string to_csv(const CovarianceReport& report);       ///< time-integrated
std::string spectra_csv(const CovarianceReport& report);  ///< per frequency
std::string to_text(const CovarianceReport& report);

}  // namespace nuphi::runner
