"""Results: objects with read-only arrays, named axes and units."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, NamedTuple, Optional, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class PopulationState(NamedTuple):
    """One population of a stationary state."""

    name: str
    rate: float  #: [Hz]
    cv: float
    mean_input: float  #: [V]
    std_input: float  #: [V]
    error_estimate: float  #: of the rate [Hz]


_COLUMNS = (("rates", "rate", "Hz", 1.0), ("mean_input", "mean input", "mV", 1e3),
            ("std_input", "std input", "mV", 1e3), ("cv", "CV", "", 1.0))


@dataclass(frozen=True)
class State:
    """A stationary state nu = Phi(nu) and the proof of its quality; arrays have one entry a population."""

    model: Any = field(repr=False)
    populations: tuple[str, ...]
    rates: Array  #: nu [Hz]
    log_rates: Array = field(repr=False)  #: ln(nu/Hz); finite where nu underflows
    mean_input: Array = field(repr=False)  #: mu [V]
    std_input: Array = field(repr=False)  #: sigma [V]
    cv: Array = field(repr=False)  #: of the inter-spike intervals
    error_estimate: Array = field(repr=False)  #: of each rate [Hz]
    residual: float  #: max |nu - Phi(nu)|, recomputed [Hz]
    rate_dynamics_stable: Optional[bool]  #: under d nu/ds = -nu + Phi(nu)
    unstable_directions: Optional[int] = field(repr=False)
    converged: bool = True
    termination: str = "converged"
    message: str = field(default="", repr=False)
    method_used: str = field(default="", repr=False)
    iterations: int = field(default=0, repr=False)
    raw: Any = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.populations)

    def __iter__(self) -> Iterator[PopulationState]:
        return (self[name] for name in self.populations)

    def __getitem__(self, population: str) -> PopulationState:
        try:
            i = self.populations.index(population)
        except ValueError:
            raise KeyError(f"no population {population!r}; there are {', '.join(self.populations)}") from None
        return PopulationState(population, float(self.rates[i]), float(self.cv[i]), float(self.mean_input[i]),
                               float(self.std_input[i]), float(self.error_estimate[i]))

    def report(self) -> str:
        """A table of the state, and how it was found."""
        head = f"{self.model.name}: {self.message or self.termination}"
        width = max(len("population"), *(len(n) for n in self.populations))
        lines = [head, "population".ljust(width) + "  rate (Hz)  mean input (mV)  std input (mV)      CV"]
        for p in self:
            lines.append(f"{p.name.ljust(width)}  {p.rate:9.6g}  {1e3 * p.mean_input:15.6g}  "
                         f"{1e3 * p.std_input:14.6g}  {p.cv:6.4f}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        return {"populations": list(self.populations), "rate": self.rates.tolist(),
                "log_rate": self.log_rates.tolist(), "mean_input": self.mean_input.tolist(),
                "std_input": self.std_input.tolist(), "cv": self.cv.tolist(),
                "error_estimate": self.error_estimate.tolist(), "residual": self.residual,
                "rate_dynamics_stable": self.rate_dynamics_stable, "termination": self.termination,
                "message": self.message}

    def to_frame(self) -> Any:
        """A pandas DataFrame, one row a population, SI units."""
        import pandas

        return pandas.DataFrame(
            {"rate": self.rates, "log_rate": self.log_rates, "mean_input": self.mean_input,
             "std_input": self.std_input, "cv": self.cv, "error_estimate": self.error_estimate},
            index=pandas.Index(self.populations, name="population"))

    def to_xarray(self) -> Any:
        """An xarray Dataset over populations with units."""
        import xarray

        units = {"rate": "Hz", "mean_input": "V", "std_input": "V", "cv": "1"}
        arrays = {"rate": self.rates, "mean_input": self.mean_input, "std_input": self.std_input, "cv": self.cv}
        return xarray.Dataset(
            {k: ("population", v, {"units": units[k]}) for k, v in arrays.items()},
            coords={"population": list(self.populations)}, attrs={"model": self.model.name})

    def save(self, path: str) -> None:
        """JSON; :meth:`to_dict` read back."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.to_dict(), file, indent=1)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{label}{f' ({unit})' if unit else ''}</th>" for _, label, unit, _ in _COLUMNS)
        rows = ""
        for i, name in enumerate(self.populations):
            cells = "".join(f"<td>{scale * getattr(self, key)[i]:.6g}</td>" for key, _, _, scale in _COLUMNS)
            rows += f"<tr><th>{html.escape(name)}</th>{cells}</tr>"
        caption = html.escape(f"{self.model.name}: {self.message or self.termination}")
        return f"<table><caption>{caption}</caption><tr><th>population</th>{head}</tr>{rows}</table>"

    def plot(self, axes: Any = None) -> Any:
        """Rates as bars; returns the matplotlib axes."""
        from . import figures

        return figures.rates(self, axes)


def state_of(model: Any, raw: Any, summary: Any) -> State:
    """A State over the arrays of the compiled result; nothing is copied."""
    termination = summary.termination if summary is not None else "converged"
    return State(
        model=model, populations=model.populations, rates=raw.rates, log_rates=raw.log_rates,
        mean_input=raw.mean_input, std_input=raw.std_input, cv=raw.cv, error_estimate=raw.error_estimate,
        residual=raw.residual, rate_dynamics_stable=raw.rate_dynamics_stable,
        unstable_directions=raw.unstable_directions, converged=termination == "converged",
        termination=termination, message=summary.message if summary is not None else "",
        method_used=summary.method_used if summary is not None else "",
        iterations=summary.iterations if summary is not None else 0, raw=raw)


class SpecialPoint(NamedTuple):
    """A fold, branch point or cusp of a branch."""

    type: str
    value: float
    rates: Array  #: [Hz]


@dataclass(frozen=True)
class Branch:
    """Stationary states over one parameter, through folds."""

    model: Any = field(repr=False)
    parameter: str
    value: Array = field(repr=False)  #: of the parameter, SI, shape=(n_points,)
    rates: Array = field(repr=False)  #: [Hz], shape=(n_points, n_populations)
    stable: tuple[Optional[bool], ...] = field(repr=False)  #: under rate dynamics
    special: tuple[SpecialPoint, ...]
    end: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.value)

    def to_frame(self) -> Any:
        import pandas

        frame = pandas.DataFrame(self.rates, columns=list(self.model.populations))
        frame.insert(0, self.parameter, self.value)
        frame["rate_dynamics_stable"] = list(self.stable)
        return frame

    def plot(self, axes: Any = None, population: Optional[str] = None) -> Any:
        """Rate over parameter: stable parts solid, unstable ones dashed, special points marked."""
        from . import figures

        return figures.branch(self, axes, population)


@dataclass(frozen=True)
class Stability:
    """Modes of the network with delays about a stationary state."""

    unstable_modes: Optional[int]  #: a conjugate pair counts as two; None: undecided
    stable: Optional[bool]
    reason: str
    eigenvalues: npt.NDArray[np.complex128] = field(repr=False)  #: z [1/s], rightmost first
    participation: Array = field(repr=False)  #: shape=(n_modes, n_populations)
    critical_delay_scale: Optional[float]
    critical_delays: Sequence[tuple[float, float, bool]] = field(repr=False)

    @property
    def growth_rates(self) -> Array:
        return self.eigenvalues.real

    @property
    def frequencies(self) -> Array:
        """[Hz]"""
        return self.eigenvalues.imag / (2 * np.pi)

    def plot(self, axes: Any = None) -> Any:
        from . import figures

        return figures.eigenvalues(self, axes)


@dataclass(frozen=True)
class Spectra:
    """Population spectra by linear response, time convention e^{+i omega t}; first axis = frequency."""

    populations: tuple[str, ...]
    frequencies: Array = field(repr=False)  #: [Hz]
    power: Array = field(repr=False)  #: [Hz], shape=(n_frequencies, n_populations)
    cross: npt.NDArray[np.complex128] = field(repr=False)
    effective_connectivity: npt.NDArray[np.complex128] = field(repr=False)  #: M(i omega), row = target
    eigenvalues: npt.NDArray[np.complex128] = field(repr=False)
    response_mu: npt.NDArray[np.complex128] = field(repr=False)  #: [Hz/V]
    response_variance: npt.NDArray[np.complex128] = field(repr=False)  #: [Hz/V^2]

    def to_xarray(self) -> Any:
        import xarray

        return xarray.Dataset({"power": (("frequency", "population"), self.power, {"units": "Hz"})},
                              coords={"frequency": self.frequencies, "population": list(self.populations)})

    def plot(self, axes: Any = None, log: bool = False) -> Any:
        from . import figures

        return figures.spectra(self, axes, log)


@dataclass(frozen=True)
class Covariances:
    """Time-integrated covariances, averaged over populations [Hz]."""

    populations: tuple[str, ...]
    population: Array = field(repr=False)
    pairwise: Array = field(repr=False)
    correlations: Array = field(repr=False)
    autocovariances: Array = field(repr=False)
    spectral_bound: float


class ParameterSensitivity(NamedTuple):
    """How the rates move with one parameter."""

    parameter: str
    unit: str
    value: float
    drate: Array  #: d rate / d parameter [Hz per SI unit]
    elasticity: Array  #: d ln rate / d ln parameter
