#pragma once

#include <nuphi/models/network.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace nuphi {

/// Words of model files and what they stand for: for reading and writing, the program and Python.
template <class Enum, std::size_t n>
using Words = std::array<std::pair<std::string_view, Enum>, n>;

inline constexpr Words<PopulationKind, 2> kPopulationKinds = {{
    {"excitatory", PopulationKind::kExcitatory},
    {"inhibitory", PopulationKind::kInhibitory},
}};
inline constexpr Words<IndegreeDistribution, 3> kIndegreeDistributions = {{
    {"fixed", IndegreeDistribution::kFixed},
    {"binomial", IndegreeDistribution::kBinomial},
    {"poisson", IndegreeDistribution::kPoisson},
}};
inline constexpr Words<DelayDistribution, 7> kDelayDistributions = {{
    {"constant", DelayDistribution::kConstant},
    {"uniform", DelayDistribution::kUniform},
    {"exponential", DelayDistribution::kExponential},
    {"gamma", DelayDistribution::kGamma},
    {"truncated_gaussian", DelayDistribution::kTruncatedGaussian},
    {"gaussian", DelayDistribution::kGaussian},
    {"lognormal", DelayDistribution::kLognormal},
}};
inline constexpr Words<Correction, 7> kCorrections = {{
    {"none", Correction::kNone},
    {"shift", Correction::kShift},
    {"taylor", Correction::kTaylor},
    {"shift_refractory", Correction::kShiftRefractory},
    {"adiabatic", Correction::kAdiabatic},
    {"uniform", Correction::kUniform},
    {"exact", Correction::kExact},
}};

inline constexpr Words<ColourResponse, 3> kColourResponses = {{
    {"moving", ColourResponse::kMoving},
    {"quasi_static", ColourResponse::kQuasiStatic},
    {"exact", ColourResponse::kExact},
}};
inline constexpr Words<Refractoriness, 2> kRefractorinesses = {{
    {"exact", Refractoriness::kExact},
    {"rate_only", Refractoriness::kRateOnly},
}};

/// None for other words, and for none.
template <class Enum, std::size_t n>
[[nodiscard]] std::optional<Enum> from_word(const Words<Enum, n>& words,
                                            std::optional<std::string_view> word) {
  for (const auto& [name, value] : words) {
    if (word == name) return value;
  }
  return std::nullopt;
}

template <class Enum, std::size_t n>
[[nodiscard]] constexpr std::string_view to_word(const Words<Enum, n>& words, Enum value) {
  for (const auto& [name, known] : words) {
    if (known == value) return name;
  }
  return {};
}

}  // namespace nuphi
