"""Stationary firing rates of networks of leaky integrate-and-fire neurons, and what follows from them.

Numbers are floats in SI (``20*mV`` with :mod:`nuphi.units`), texts with units ("20 mV"), or quantities of
Brian2 and pint.
"""

from . import units
from ._core import version as __version__
from ._restore import load_result
from .branch import Branch, Curve, SpecialPoint
from .brian2_network import Comparison
from .errors import Diagnostic, FileError, ModelError, NotConverged
from .brian2_objects import Brian2Warning, from_brian2
from .inverse import Fit, FittedParameter, ParameterSensitivity, Sensitivities
from .linear import Covariances, CriticalDelay, ModeSensitivity, RateDistributions, Spectra, Stability
from .network import Network, Population, load
from .neuron import Response, response, siegert, siegert_inverse
from .parameters import Neuron, Parameter, Parameters, lif_delta, lif_exp
from .state import Note, PopulationState, State, States

__all__ = [
    "Branch", "Brian2Warning", "Comparison", "Covariances", "CriticalDelay", "Curve", "Diagnostic", "FileError", "Fit",
    "FittedParameter", "ModeSensitivity", "ModelError", "Network", "Neuron", "NotConverged", "Note", "Parameter", "ParameterSensitivity", "Parameters",
    "Population", "PopulationState", "RateDistributions", "Response", "Sensitivities", "SpecialPoint", "Spectra", "Stability",
    "State", "States", "__version__", "from_brian2", "lif_delta", "lif_exp", "load", "load_result", "response", "siegert",
    "siegert_inverse", "units",
]
