// The accuracy promised, by regime of the reference tables: this is the one place for it.
//
// Errors are relative; those of logarithms relative to max(1, |log|); slopes in σ, second
// derivatives and the first-order colour correction relative to their largest addend, for they pass
// through zero. Values are the measured ones with some room for other compilers and mathematical
// libraries. Never loosened without a measured reason in the commit.
#pragma once

#include <array>
#include <string_view>

#include "support/accuracy.h"

namespace nuphi::test {

struct SiegertBudget {
  std::string_view regime;
  Budget rate, log_rate;
  Budget d_mu, d_sigma;  ///< of the rate and of its logarithm
  Budget second;         ///< all six second derivatives
};

inline constexpr std::array<SiegertBudget, 11> kSiegertBudgets = {{
    {"integral",
     {9.9e-16, 1.9e-16},
     {7.3e-16, 1.1e-16},
     {2.1e-15, 3.5e-16},
     {2.5e-15, 3.8e-16},
     {3.6e-15, 4.2e-16}},
    {"cortical",
     {6.7e-16, 2.1e-16},
     {4.2e-16, 1.0e-16},
     {1.5e-15, 3.7e-16},
     {1.6e-15, 3.7e-16},
     {2.9e-15, 4.2e-16}},
    {"smallsig_sub",
     {4.7e-16, 2.0e-16},
     {4.1e-16, 1.0e-16},
     {9.8e-16, 2.9e-16},
     {9.9e-16, 3.3e-16},
     {2.0e-15, 3.3e-16}},
    {"smallsig_supra",
     {4.0e-16, 1.5e-16},
     {4.0e-16, 1.0e-16},
     {1.3e-15, 3.3e-16},
     {1.2e-15, 3.7e-16},
     {1.5e-15, 3.6e-16}},
    {"mu_eq_vth",
     {6.8e-16, 2.0e-16},
     {4.4e-16, 1.1e-16},
     {1.3e-15, 3.6e-16},
     {1.4e-15, 3.9e-16},
     {1.4e-15, 3.4e-16}},
    {"hugesig",
     {8.3e-16, 2.3e-16},
     {6.2e-16, 1.5e-16},
     {2.1e-15, 4.6e-16},
     {2.6e-15, 5.6e-16},
     {2.6e-15, 5.2e-16}},
    {"hugemu",
     {6.2e-16, 1.7e-16},
     {6.9e-16, 1.1e-16},
     {1.1e-15, 3.5e-16},
     {1.3e-15, 4.3e-16},
     {2.9e-15, 4.7e-16}},
    {"near_thr",
     {4.9e-16, 1.8e-16},
     {4.0e-16, 1.0e-16},
     {1.3e-15, 3.7e-16},
     {1.4e-15, 3.6e-16},
     {1.5e-15, 2.9e-16}},
    {"deep_tail",
     {5.1e-16, 2.8e-16},
     {4.0e-16, 1.0e-16},
     {1.2e-15, 3.2e-16},
     {1.3e-15, 3.9e-16},
     {2.8e-15, 5.3e-16}},
    {"thin",
     {5.6e-16, 2.0e-16},
     {4.0e-16, 1.0e-16},
     {1.4e-15, 3.6e-16},
     {1.6e-15, 4.0e-16},
     {1.6e-15, 4.3e-16}},
    {"sigma0",
     {4.0e-16, 1.3e-16},
     {4.0e-16, 1.0e-16},
     {1.2e-15, 3.9e-16},
     {1.0e-15, 3.7e-16},
     {1.4e-15, 3.6e-16}},
}};

/// Where the evaluation changes its form, and the colour corrections.
inline constexpr SiegertBudget kSeamBudget = {"seams",        {2e-15, 4e-16}, {1e-15, 2e-16},
                                              {3e-15, 7e-16}, {3e-15, 7e-16}, {0, 0}};

/// siegert_batch() in every regime and instruction set: nowhere worse than siegert() in its worst.
inline constexpr SiegertBudget kBatchBudget = {"batch",
                                               {9.9e-16, 2.8e-16},
                                               {7.3e-16, 1.7e-16},
                                               {2.1e-15, 4.5e-16},
                                               {2.3e-15, 4.9e-16},
                                               {3.1e-15, 4.7e-16}};
/// Its CV.
inline constexpr Budget kBatchCvBudget = {1.4e-15, 3.2e-16};

struct CvBudget {
  std::string_view regime;
  Budget cv;
};

inline constexpr std::array<CvBudget, 10> kCvBudgets = {{
    {"integral", {1.4e-15, 2.6e-16}},
    {"cortical", {9e-16, 2.9e-16}},
    {"smallsig_sub", {6.5e-16, 2.2e-16}},
    {"smallsig_supra", {1.1e-15, 3e-16}},
    {"mu_eq_vth", {5e-16, 2.5e-16}},
    {"hugesig", {9e-16, 3.2e-16}},
    {"hugemu", {9.1e-16, 3e-16}},
    {"near_thr", {8e-16, 2.9e-16}},
    {"deep_tail", {6.5e-16, 2.4e-16}},
    {"thin", {8e-16, 3.3e-16}},
}};
inline constexpr Budget kCvSeamBudget = {2e-15, 4e-16};
/// Of the larger addend, in every regime.
inline constexpr Budget kCvGradientBudget = {5e-15, 6e-16};

/// Derivatives in the neuron's parameters, of the largest addend: in closed form, and averaged over
/// a slow current.
inline constexpr Budget kParameterGradientBudget = {3e-15, 5e-16};
inline constexpr Budget kAdiabaticGradientBudget = {3e-15, 6e-16};

/// exact_rate() at each of its resolutions: rates against another discretisation, gradient (of ln
/// ν, in units of σ and of each time constant, relative to max(1, |·|)) and CV against the fine
/// one.
struct ExactBudget {
  std::string_view name;
  Budget rate, gradient, cv;
};

inline constexpr std::array<ExactBudget, 3> kExactBudgets = {{
    {"quick", {2e-7, 4e-8}, {1e-6, 3e-7}, {1e-6, 3e-7}},
    {"standard", {2e-8, 1e-9}, {1e-7, 3e-8}, {3e-7, 1e-7}},
    {"fine", {1e-8, 1e-9}, {0, 0}, {0, 0}},
}};

/// kUniform against the exact rate: ν and ∂ln ν/∂μ, for τ_syn ≤ 2 τ_m and, as far as it goes, for
/// slower synapses with the mean at threshold or above.
inline constexpr Budget kUniformBudget = {5e-3, 1e-3}, kUniformSlopeBudget = {7e-3, 2e-3};
inline constexpr Budget kUniformSlowBudget = {5e-2, 3e-2};
/// In vectors against one by one.
inline constexpr Budget kUniformBatchBudget = {2e-13, 1e-14};

}  // namespace nuphi::test
