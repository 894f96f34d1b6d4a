#pragma once

#include <nuphi/models/network.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace nuphi::python {

namespace py = pybind11;

/// Populations with their neurons, projections and inputs as dictionaries of SI numbers; potentials
/// and weights as in Network: relative to E_L, jumps of the membrane.
py::dict description_of(const Network& network);

}  // namespace nuphi::python
