// Neurons at points of the imaginary axis, ahead of a walk and for the walks that follow it.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "neuron_sample.h"

namespace nuphi::detail {

/// Samples of all neurons of a network by rising ω. Several responses at once take hardly more time
/// than one, so a few are looked at ahead of a walk. Samples do not depend on the delays: walks of
/// networks that differ in nothing else share them.
class AxisNeurons {
 public:
  /// @param neurons  outlive this
  explicit AxisNeurons(std::span<const NoisyNeuron> neurons) : neurons_(neurons) {}

  /// The neurons at ω. Valid until the next call.
  const std::vector<NeuronSample>& at(double omega);

  /// An ω in the last quarter of (from, to], nearest to `to`, where responses are known afterwards.
  double at_most(double from, double to);

  /// Looks at the responses at rising ω, all at once.
  void prepare(std::span<const double> omega);

  void forget_below(double omega) { known_.erase(known_.begin(), known_.lower_bound(omega)); }

 private:
  struct Point {
    std::vector<ResponseTerms> responses;
    std::vector<NeuronSample> samples;  ///< empty until asked for
  };
  void look_ahead(double from, double to);

  std::span<const NoisyNeuron> neurons_;
  std::map<double, Point> known_;
};

}  // namespace nuphi::detail
