#pragma once

#include <string>

#include "points_stream.h"

namespace nuphi::runner {

/// Rates of another transfer function than the LIF neuron's at points of a table, with the columns
/// mu, sigma and its parameters. Columns of the LIF neuron are allowed and carried along, so that
/// one table serves for a comparison; V_th is the threshold where there is no theta.
/// @param table  of --transfer tabulated
/// @throws UsageError for a name that is none
int run_transfer(const PointsArguments& arguments, const std::string& name,
                 const std::string& table);

}  // namespace nuphi::runner
