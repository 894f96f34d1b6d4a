#include "axis_neurons.h"

#include <array>
#include <iterator>

namespace nuphi::detail {
namespace {

// In steps: a walk goes on in about equal ones, or in growing or shrinking ones.
constexpr std::array<double, 8> kAhead = {1, 1.5, 2, 2.5, 3, 3.5, 4, 5};
constexpr double kBack = 0.25;           // of a step that may be given up to meet a known point
constexpr std::size_t kMost = 1U << 17;  // samples kept: some 30 MB
}  // namespace

const std::vector<NeuronSample>& AxisNeurons::at(double omega) {
  if (known_.size() * neurons_.size() > kMost) known_.clear();
  const auto here = known_.try_emplace(omega).first;
  Point& point = here->second;
  if (!point.samples.empty()) return point.samples;
  auto below = here;
  while (below != known_.begin() && (below == here || below->second.samples.empty())) --below;
  const std::vector<NeuronSample>& before = below->second.samples;
  point.samples.reserve(neurons_.size());
  for (std::size_t i = 0; i < neurons_.size(); ++i)
    point.samples.push_back(sample_neuron(neurons_[i], {0, omega},
                                          before.size() > i && below != here ? &before[i] : nullptr,
                                          point.responses.empty() ? nullptr : &point.responses[i]));
  return point.samples;
}

double AxisNeurons::at_most(double from, double to) {
  const auto above = known_.upper_bound(to);
  if (above != known_.begin()) {
    const double known = std::prev(above)->first;
    if (known >= to - kBack * (to - from) && known > from) return known;
  }
  look_ahead(from, to);
  return to;
}

void AxisNeurons::look_ahead(double from, double to) {
  std::array<double, kAhead.size()> omega{};
  for (std::size_t k = 0; k < omega.size(); ++k)
    omega[k] = k == 0 ? to : from + kAhead[k] * (to - from);
  prepare(omega);
}

void AxisNeurons::prepare(std::span<const double> omega) {
  std::vector<double> unknown;
  std::vector<Point*> places;
  for (const double w : omega) {
    Point& point = known_[w];
    if (!point.samples.empty() || !point.responses.empty()) continue;
    point.responses.resize(neurons_.size());
    unknown.push_back(w);
    places.push_back(&point);
  }
  std::vector<ResponseTerms> responses(unknown.size());
  for (std::size_t i = 0; i < neurons_.size(); ++i) {
    axis_responses(neurons_[i], unknown, responses);
    for (std::size_t k = 0; k < unknown.size(); ++k) places[k]->responses[i] = responses[k];
  }
}

}  // namespace nuphi::detail
