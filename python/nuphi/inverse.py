"""How rates depend on parameters, and parameters that give wanted rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Iterator, Mapping, NamedTuple

import numpy as np

from .result import Array, Result, Variable, table_html
from .state import State

if TYPE_CHECKING:
    from .network import Network


class ParameterSensitivity(NamedTuple):
    """How the rates move with one parameter."""

    parameter: str
    unit: str  #: SI; "1" when dimensionless
    value: float  #: of the parameter, SI
    drate: Array  #: d nu/d p [Hz per SI unit]
    elasticity: Array  #: d ln nu/d ln p; accurate where nu underflows


@dataclass(frozen=True, eq=False)
class Sensitivities(Result):
    """Derivatives of the stationary rates in parameters of the model; iterates over them."""

    model: "Network" = field(repr=False)
    parameters: tuple[ParameterSensitivity, ...]

    _variables: ClassVar[Mapping[str, Variable]] = {
        "value": Variable("values", ("parameter",), "SI"),
        "drate": Variable("drate", ("parameter", "population"), "Hz per SI unit"),
        "elasticity": Variable("elasticity", ("parameter", "population"), "1"),
    }

    def __len__(self) -> int:
        return len(self.parameters)

    def __iter__(self) -> Iterator[ParameterSensitivity]:
        return iter(self.parameters)

    def __getitem__(self, parameter: str) -> ParameterSensitivity:
        for found in self.parameters:
            if found.parameter == parameter:
                return found
        raise KeyError(f"no parameter {parameter!r}; there are {', '.join(p.parameter for p in self)}")

    @property
    def values(self) -> Array:
        """Of the parameters, SI."""
        return np.array([p.value for p in self])

    @property
    def drate(self) -> Array:
        """d nu/d p, shape=(n_parameters, n_populations) [Hz per SI unit]"""
        return np.array([p.drate for p in self]).reshape(len(self), -1)

    @property
    def elasticity(self) -> Array:
        """d ln nu/d ln p, shape=(n_parameters, n_populations)"""
        return np.array([p.elasticity for p in self]).reshape(len(self), -1)

    def _coordinates(self) -> dict[str, Any]:
        return {"parameter": [p.parameter for p in self], "population": list(self.model.populations)}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name}

    def _repr_html_(self) -> str:
        rows = [[p.parameter, *(f"{e:.4g}" for e in p.elasticity)] for p in self]
        return table_html(f"{self.model.name}: d ln rate / d ln parameter", ["parameter", *self.model.populations], rows)

    def plot(self, axes: Any = None) -> Any:
        """Elasticities as a matrix, parameters over populations."""
        from . import figures

        return figures.matrix(self.elasticity, [p.parameter for p in self], self.model.populations,
                              "d ln rate / d ln parameter", axes)


class FittedParameter(NamedTuple):
    """One parameter of a fit, SI."""

    name: str
    unit: str
    initial: float
    value: float
    lower: float
    upper: float
    at_bound: bool
    identifiable: bool  #: no direction in which the targets do not change has a part along it
    standard_error: float  #: infinite where not identifiable, NaN where the data say nothing about scatter


@dataclass(frozen=True, eq=False)
class Fit(Result):
    """Parameters that give target rates, and which of them cannot be told apart."""

    model: "Network" = field(repr=False)  #: with the fitted values set
    parameters: tuple[FittedParameter, ...]
    state: State = field(repr=False)  #: at the fitted values
    residuals: Array = field(repr=False)  #: nu - target [Hz], NaN where free
    cost: float = field(repr=False)  #: half the weighted sum of squares
    targets_met: bool  #: a fit may converge to a compromise that meets none
    covariance: Array = field(repr=False)  #: of the parameters, SI; NaN where undetermined
    singular_values: Array = field(repr=False)
    rank: int = field(repr=False)
    null_directions: tuple[str, ...]  #: combinations of parameters that leave the rates as they are
    termination: str
    message: str = field(repr=False)

    _variables: ClassVar[Mapping[str, Variable]] = {
        "value": Variable("values", ("parameter",), "SI"),
        "standard_error": Variable("standard_errors", ("parameter",), "SI"),
    }

    @property
    def converged(self) -> bool:
        return self.termination == "converged"

    @property
    def identifiable(self) -> bool:
        return self.rank == len(self.parameters)

    @property
    def values(self) -> Array:
        """In the order of the parameters, SI."""
        return np.array([p.value for p in self.parameters])

    @property
    def standard_errors(self) -> Array:
        """In the order of the parameters, SI."""
        return np.array([p.standard_error for p in self.parameters])

    def __getitem__(self, parameter: str) -> FittedParameter:
        for found in self.parameters:
            if found.name == parameter:
                return found
        raise KeyError(f"{parameter!r} was not free; {', '.join(p.name for p in self.parameters)} were")

    def report(self) -> str:
        """Values with their standard errors, and what cannot be told apart."""
        lines = [f"{self.model.name}: {self.message}"]
        for p in self.parameters:
            unit = "" if p.unit == "1" else f" {p.unit}"
            lines.append(f"{p.name} = {p.value:.8g}{unit} (from {p.initial:.8g}, standard error {p.standard_error:.2g})")
        lines += [f"the rates do not change along {text}" for text in self.null_directions]
        return "\n".join(lines)

    def _coordinates(self) -> dict[str, Any]:
        return {"parameter": [p.name for p in self.parameters]}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "termination": self.termination, "message": self.message,
                "targets_met": self.targets_met, "cost": self.cost, "rank": self.rank}

    def _repr_html_(self) -> str:
        rows = [[p.name, f"{p.value:.8g}", f"{p.standard_error:.2g}", p.unit] for p in self.parameters]
        return table_html(f"{self.model.name}: {self.message}", ["parameter", "value", "standard error", "unit"], rows)
