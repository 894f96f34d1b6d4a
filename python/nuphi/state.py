"""Stationary states and lists of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Iterator, Mapping, NamedTuple, Optional, Sequence, Union, overload

import numpy as np

from . import _core
from .result import Array, Result, Variable, table_html

if TYPE_CHECKING:
    from .network import Network


class Note(NamedTuple):
    """What a user should know of a state that is valid, but may not be what theory describes."""

    code: str  #: stable name, e.g. "strong-coupling"; docs/validity.md explains each
    message: str
    populations: tuple[str, ...]  #: those concerned; empty: the network as a whole


@dataclass(frozen=True)
class PopulationState:
    """One population of a stationary state."""

    state: "State" = field(repr=False, compare=False)
    name: str
    rate: float  #: [Hz]
    cv: float  #: of the inter-spike intervals
    mean_input: float  #: relative to E_L [V]
    std_input: float  #: [V]
    log_rate: float  #: ln(rate/Hz)
    error_estimate: float  #: of the rate [Hz]

    @property
    def notes(self) -> tuple[Note, ...]:
        """Those of the state that concern this population, or the network as a whole."""
        return tuple(note for note in self.state.notes if not note.populations or self.name in note.populations)


@dataclass(frozen=True, eq=False)
class State(Result):
    """A stationary state nu = Phi(nu) and the proof of its quality; arrays have one entry a population.

    Whether it is one at all is in ``converged``; ``report()`` tells how it was found, ``notes`` where
    theory may not hold.
    """

    model: "Network" = field(repr=False)
    raw: _core.State = field(repr=False)  #: as the compiled part holds it
    termination: str = "converged"  #: or max_iterations, stalled, singular, non_finite, interrupted
    message: str = field(default="", repr=False)  #: one sentence
    method_used: str = field(default="", repr=False)
    iterations: int = field(default=0, repr=False)

    _variables: ClassVar[Mapping[str, Variable]] = {
        "rate": Variable("rates", ("population",), "Hz"),
        "log_rate": Variable("log_rates", ("population",), "1"),
        "mean_input": Variable("mean_input", ("population",), "V"),
        "std_input": Variable("std_input", ("population",), "V"),
        "cv": Variable("cv", ("population",), "1"),
        "error_estimate": Variable("error_estimate", ("population",), "Hz"),
    }

    @property
    def populations(self) -> tuple[str, ...]:
        return self.model.populations

    @property
    def converged(self) -> bool:
        return self.termination == "converged"

    @property
    def rates(self) -> Array:
        """nu [Hz]"""
        return self.raw.rates

    @property
    def log_rates(self) -> Array:
        """ln(nu/Hz); finite where nu underflows."""
        return self.raw.log_rates

    @property
    def mean_input(self) -> Array:
        """mu [V], relative to E_L."""
        return self.raw.mean_input

    @property
    def std_input(self) -> Array:
        """sigma [V], as in tau_m dV = -(V - mu) dt + sigma sqrt(tau_m) dW."""
        return self.raw.std_input

    @property
    def cv(self) -> Array:
        """Coefficient of variation of the inter-spike intervals; NaN where there is none."""
        return self.raw.cv

    @property
    def error_estimate(self) -> Array:
        """Of each rate: the residual and the rounding of Phi, carried through the network [Hz]."""
        return self.raw.error_estimate

    @property
    def residual(self) -> float:
        """max \\|nu - Phi(nu)\\|, recomputed at the returned rates [Hz]."""
        return self.raw.residual

    @property
    def rate_dynamics_stable(self) -> Optional[bool]:
        """Stable under d nu/ds = -nu + Phi(nu), one time constant for all; None: undecided.

        What the network does with its delays is :meth:`nuphi.Network.stability`.
        """
        return self.raw.rate_dynamics_stable

    @property
    def index(self) -> Optional[int]:
        """Sign of det(1 - dPhi/dnu)."""
        return self.raw.index

    @property
    def coupling_radius(self) -> Optional[float]:
        """R, radius of the neuron-to-neuron coupling; near 1 fluctuations leave those of theory."""
        return _core.coupling_radius(self.model.core, self.raw)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Slips of the model, and where theory may not hold at this state."""
        return tuple(Note(code, message, tuple(names)) for code, message, names in _core.notes(self.model.core, self.raw))

    def __len__(self) -> int:
        return len(self.populations)

    def __iter__(self) -> Iterator[PopulationState]:
        return (self[name] for name in self.populations)

    def __getitem__(self, population: str) -> PopulationState:
        try:
            i = self.populations.index(population)
        except ValueError:
            raise KeyError(f"no population {population!r}; there are {', '.join(self.populations)}") from None
        values = (self.rates, self.cv, self.mean_input, self.std_input, self.log_rates, self.error_estimate)
        return PopulationState(self, population, *(float(v[i]) for v in values))

    def report(self) -> str:
        """A table of the state, how it was found, and the notes."""
        width = max(len("population"), *(len(name) for name in self.populations))
        lines = [self._caption(), "population".ljust(width) + "  rate (Hz)  mean input (mV)  std input (mV)      CV"]
        for p in self:
            lines.append(f"{p.name.ljust(width)}  {p.rate:9.6g}  {1e3 * p.mean_input:15.6g}  "
                         f"{1e3 * p.std_input:14.6g}  {p.cv:6.4f}")
        lines.append(f"residual {self.residual:.2g} Hz, error estimate {np.max(self.error_estimate):.2g} Hz")
        lines += [f"note: {note.message} [{note.code}]" for note in self.notes]
        return "\n".join(lines)

    def _caption(self) -> str:
        stable = {True: "stable under rate dynamics", False: "unstable under rate dynamics", None: "stability undecided"}
        verdict = stable[self.rate_dynamics_stable] if self.converged else f"not converged ({self.termination})"
        return f"{self.model.name}: {verdict}" + (f"; {self.message}" if self.message else "")

    def _coordinates(self) -> dict[str, Any]:
        return {"population": list(self.populations)}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "termination": self.termination, "message": self.message,
                "residual": self.residual, "rate_dynamics_stable": self.rate_dynamics_stable}

    def __repr__(self) -> str:
        rates = ", ".join(f"{p.name} {p.rate:.6g}" for p in self)
        return f"<nuphi.State {rates} Hz; {self._caption()}>"

    def _repr_html_(self) -> str:
        rows = [[p.name, f"{p.rate:.6g}", f"{1e3 * p.mean_input:.6g}", f"{1e3 * p.std_input:.6g}", f"{p.cv:.4f}"] for p in self]
        return table_html(self._caption(), ["population", "rate (Hz)", "mean input (mV)", "std input (mV)", "CV"], rows)

    def plot(self, axes: Any = None, *, simulation: Any = None) -> Any:
        """Rates as bars, with `simulation` (rates [Hz]) as points; returns the matplotlib axes."""
        from . import figures

        return figures.rates(self, axes, simulation)


@dataclass(frozen=True, eq=False, repr=False)
class States(Result, Sequence[State]):
    """The stationary states that the search has found, by rising total rate; some may be missing."""

    model: "Network"
    states: tuple[State, ...]
    termination: str
    message: str
    index_sum: Optional[int]  #: sum of the indices; 1 where all states are there and every t_ref > 0
    missing_states: Optional[bool]  #: proven by index_sum; False is no proof of completeness

    _variables: ClassVar[Mapping[str, Variable]] = {
        "rate": Variable("rates", ("state", "population"), "Hz"),
        "mean_input": Variable("mean_input", ("state", "population"), "V"),
        "std_input": Variable("std_input", ("state", "population"), "V"),
        "cv": Variable("cv", ("state", "population"), "1"),
    }

    @overload
    def __getitem__(self, index: int) -> State: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[State]: ...
    def __getitem__(self, index: Union[int, slice]) -> Union[State, Sequence[State]]:
        return self.states[index]

    def __len__(self) -> int:
        return len(self.states)

    def _stacked(self, attribute: str) -> Array:
        array = np.array([getattr(s, attribute) for s in self.states]).reshape(len(self), len(self.model.populations))
        array.flags.writeable = False
        return array

    @property
    def rates(self) -> Array:
        """[Hz], shape=(n_states, n_populations)"""
        return self._stacked("rates")

    @property
    def mean_input(self) -> Array:
        """[V], shape=(n_states, n_populations)"""
        return self._stacked("mean_input")

    @property
    def std_input(self) -> Array:
        """[V], shape=(n_states, n_populations)"""
        return self._stacked("std_input")

    @property
    def cv(self) -> Array:
        """shape=(n_states, n_populations)"""
        return self._stacked("cv")

    def report(self) -> str:
        return "\n\n".join([f"{self.model.name}: {self.message}", *(state.report() for state in self)])

    def _coordinates(self) -> dict[str, Any]:
        return {"state": list(range(1, len(self) + 1)), "population": list(self.model.populations)}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "termination": self.termination, "message": self.message,
                "index_sum": self.index_sum, "missing_states": self.missing_states,
                "rate_dynamics_stable": [state.rate_dynamics_stable for state in self]}

    def __repr__(self) -> str:
        return f"<nuphi.States {self.model.name}: {self.message}>"

    def _repr_html_(self) -> str:
        rows = [[str(k), *(f"{r:.6g}" for r in state.rates), str(state.rate_dynamics_stable)]
                for k, state in enumerate(self, 1)]
        return table_html(repr(self)[1:-1], ["state", *(f"{p} (Hz)" for p in self.model.populations), "stable"], rows)


__all__ = ["Note", "PopulationState", "State", "States"]
