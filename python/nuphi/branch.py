"""Branches of states over a parameter, and curves in the plane of two."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Mapping, NamedTuple, Optional

import numpy as np

from .result import Array, Result, Variable

if TYPE_CHECKING:
    from .network import Network
    from .state import State


class SpecialPoint(NamedTuple):
    """A fold, branch point or Hopf point of a branch."""

    type: str  #: "fold", "branch_point", "hopf"
    value: float  #: of the parameter, SI
    rates: Array  #: [Hz]
    frequency: Optional[float] = None  #: of a Hopf point [Hz]
    multiplicity: int = 1  #: of a branch point: above 1 where populations are interchangeable


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve of folds or Hopf points in the plane of two parameters (SI)."""

    type: str  #: "fold", "hopf"
    value: Array = field(repr=False)  #: of the first parameter
    second_value: Array = field(repr=False)
    frequency: Array = field(repr=False)  #: [Hz]; 0 on folds
    cusps: tuple[tuple[float, float], ...] = ()  #: (value, second_value)


@dataclass(frozen=True, eq=False)
class Branch(Result):
    """Stationary states over one parameter, in order along the branch, through folds."""

    model: "Network" = field(repr=False)
    parameter: str
    value: Array = field(repr=False)  #: of the parameter, SI, shape=(n_points,)
    rates: Array = field(repr=False)  #: [Hz], shape=(n_points, n_populations)
    stable: tuple[Optional[bool], ...] = field(repr=False)  #: under rate dynamics; None: undecided
    unstable_modes: tuple[Optional[int], ...] = field(repr=False)  #: with delays; empty: not counted
    special: tuple[SpecialPoint, ...] = field(repr=False)
    termination: str  #: "reached", "turned" (left where it began), "closed", "max_points", "stalled", "interrupted"
    start: str = field(default="start", repr=False)  #: why nothing comes before the first point
    no_hopf: str = field(default="", repr=False)  #: why Hopf points were not looked for; empty: they were
    second_parameter: Optional[str] = field(default=None, repr=False)
    curves: tuple[Curve, ...] = field(default=(), repr=False)  #: through its special points, over two parameters

    _variables: ClassVar[Mapping[str, Variable]] = {
        "value": Variable("value", ("point",), "SI"),
        "rate": Variable("rates", ("point", "population"), "Hz"),
        "rate_dynamics_stable": Variable("_stable", ("point",), "1"),
    }

    def __len__(self) -> int:
        return len(self.value)

    @property
    def _stable(self) -> Array:
        return np.array([np.nan if s is None else float(s) for s in self.stable])

    def state(self, k: int) -> "State":
        """The state at point `k`, solved for again from its rates."""
        return self.model.set({self.parameter: float(self.value[k])}).solve(initial=self.rates[k])

    def _coordinates(self) -> dict[str, Any]:
        return {"population": list(self.model.populations), "point": list(range(len(self)))}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "parameter": self.parameter, "termination": self.termination,
                "special_points": [{"type": p.type, "value": p.value, "rate": p.rates.tolist(), "frequency": p.frequency}
                                   for p in self.special]}

    def to_frame(self) -> Any:
        """A ``pandas.DataFrame`` in SI units, one row a point; the first column is the parameter."""
        return super().to_frame().rename(columns={"value": self.parameter})

    def plot(self, axes: Any = None, population: Optional[str] = None) -> Any:
        """Rate over parameter: stable parts solid, unstable ones dashed, special points marked.

        With delays in the model, stable means without unstable modes of the network with its delays.
        A branch over two parameters draws its curves in their plane instead.
        """
        from . import figures

        return figures.curves(self, axes) if self.curves else figures.branch(self, axes, population)
