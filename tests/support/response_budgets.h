// The accuracy promised for the dynamic response: this is the one place for it.
//
// Errors are relative to the modulus; log f is compared modulo 2πi. Values are the measured ones
// with some room for other compilers, instruction sets and mathematical libraries. Never loosened
// without a measured reason in the commit.
#pragma once

#include "support/accuracy.h"

namespace nuphi::test {

struct ResponseBudget {
  Budget G_mu, G_variance, log_f;
};

inline constexpr ResponseBudget kResponseAxis = {
    {7e-15, 5e-16}, {9e-15, 5e-16}, {1.3e-14, 5.5e-16}};
inline constexpr ResponseBudget kResponseComplex = {{6e-15, 5e-16}, {9e-15, 7e-16}, {6e-15, 5e-16}};
inline constexpr ResponseBudget kResponseRandom = {{8e-15, 5e-16}, {8e-15, 5e-16}, {8e-15, 5e-16}};
inline constexpr Budget kFirstPassageLogBudget = {6e-15, 5e-16};
inline constexpr Budget kSpectrumBudget = {2e-14, 1.6e-15};
inline constexpr Budget kSpectrumRandomBudget = {1.5e-14, 1.2e-15};
// 2πf is rounded before the response sees it, which a resonance magnifies.
inline constexpr Budget kTransferFunctionBudget = {1.5e-14, 2.3e-15};

}  // namespace nuphi::test
