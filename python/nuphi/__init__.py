"""Stationary firing rates of networks of leaky integrate-and-fire neurons, and what follows from them.

Numbers are floats in SI (``20*mV`` with :mod:`nuphi.units`), texts with units ("20 mV"), or quantities of
Brian2 and pint.
"""

from . import units
from ._core import version as __version__
from .errors import Diagnostic, FileError, ModelError, NotConverged
from .network import Network, Parameter, lif_delta, lif_exp, load
from .neuron import Response, response, siegert, siegert_inverse
from .results import Branch, Covariances, ParameterSensitivity, SpecialPoint, Spectra, Stability, State

__all__ = [
    "Branch", "Covariances", "Diagnostic", "FileError", "ModelError", "Network", "NotConverged", "Parameter",
    "ParameterSensitivity", "Response", "SpecialPoint", "Spectra", "Stability", "State", "__version__", "lif_delta",
    "lif_exp", "load", "response", "siegert", "siegert_inverse", "units",
]
