#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/network_entries.h>
#include <nuphi/models/yaml.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// A model whose parameters move: its mean field as a function of them. Sensitivities, fits and
/// branches vary it.
struct ModelFamily {
  /// One that moves.
  struct Parameter {
    std::string name;  ///< as find_parameter() takes it: "g", "indegree[E<-I]"
    std::string unit;  ///< SI unit, "1" when dimensionless
    double value = 0;  ///< where the family starts, SI
    double scale = 1;  ///< size of a typical value, > 0: |value|, or one unit where that is 0
    /// Lower end of the range in which the model makes sense; −∞ where unknown.
    double lower = -std::numeric_limits<double>::infinity();
    /// Upper end; ∞ where unknown.
    double upper = std::numeric_limits<double>::infinity();
    std::optional<NetworkEntry> entry{};  ///< the one number of the network that it is, if so
  };
  std::vector<Parameter> parameters;  ///< in the order in which values are handed over
  /// The network at values of the parameters, in their order; throws ModelError outside the model's
  /// domain. Empty where there are fields only.
  std::function<Network(const Eigen::VectorXd&)> network;
  /// Its field.
  std::function<MeanField(const Eigen::VectorXd&)> field;

  /// Where the family starts: Parameter::value of each.
  [[nodiscard]] Eigen::VectorXd values() const;
};

/// The family of a model file in the parameters named (find_parameter()).
/// Limits are 0 where the model refuses the other sign (a negative rate), and 1 where it refuses
/// more (a probability).
/// @param file   must outlive the family
/// @param fixed  values of further parameters, in place of the file's
/// @param names  of those that move
/// @throws ModelError when the model is wrong; std::invalid_argument for a name that stands for none.
[[nodiscard]] ModelFamily model_family(const ModelFile& file, const Overrides& fixed,
                                       const std::vector<std::string>& names);

/// One of the unit a value has, |parse_quantity("1 unit")|, or of the usual one of its dimension
/// (mV, ms, pA, pF): a typical size where the value itself is 0.
[[nodiscard]] double unit_scale(const std::string& unit, const std::string& dimension);

/// @}
}  // namespace nuphi
