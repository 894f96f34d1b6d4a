"""What linear response tells about a state: modes, spectra, covariances, distributions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Mapping, NamedTuple, Optional

import numpy as np

from . import _core
from .result import Array, ComplexArray, Result, Variable

if TYPE_CHECKING:
    from .network import Network


class CriticalDelay(NamedTuple):
    """A scale of all delays at which a mode stands on the imaginary axis."""

    scale: float
    frequency: float  #: [Hz]
    destabilizing: bool  #: modes cross to the right as the delays grow


@dataclass(frozen=True, eq=False)
class Stability(Result):
    """Modes e^{zt} of the network with its delays about a stationary state, det(1 - M(z)) = 0."""

    model: "Network" = field(repr=False)
    unstable_modes: Optional[int]  #: a conjugate pair counts as two; None: undecided
    stable: Optional[bool]
    reason: str  #: why it is undecided, or a remark
    eigenvalues: ComplexArray = field(repr=False)  #: z [1/s], rightmost first; of a pair the one with Im z >= 0
    participation: Array = field(repr=False)  #: share of each population, shape=(n_modes, n_populations)
    critical_delay_scale: Optional[float]  #: first scale of the delays above 1 at which the count changes
    critical_delays: tuple[CriticalDelay, ...] = field(repr=False)
    unlisted_modes: int = field(default=0, repr=False)  #: unstable modes that are counted but could not be located
    termination: str = "completed"  #: or "interrupted": what is here is right, but not all

    _variables: ClassVar[Mapping[str, Variable]] = {
        "growth_rate": Variable("growth_rates", ("mode",), "1/s"),
        "frequency": Variable("frequencies", ("mode",), "Hz"),
        "participation": Variable("participation", ("mode", "population"), "1"),
    }

    @property
    def growth_rates(self) -> Array:
        """Re z [1/s]"""
        return self.eigenvalues.real

    @property
    def frequencies(self) -> Array:
        """Im z/(2 pi) [Hz]"""
        return self.eigenvalues.imag / (2 * np.pi)

    def _coordinates(self) -> dict[str, Any]:
        return {"mode": list(range(1, len(self.eigenvalues) + 1)), "population": list(self.model.populations)}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "unstable_modes": self.unstable_modes, "stable": self.stable,
                "reason": self.reason, "termination": self.termination, "critical_delay_scale": self.critical_delay_scale}

    def plot(self, axes: Any = None) -> Any:
        """Eigenvalues in the plane, growth rate against frequency."""
        from . import figures

        return figures.eigenvalues(self, axes)


class ModeSensitivity(NamedTuple):
    """How an eigenvalue of the effective connectivity depends on each connection (Bos et al. 2016)."""

    eigenvalue: complex
    sensitivity: ComplexArray  #: Z, row = target
    amplitude: Array  #: part along the direction to 1: height of the peak
    frequency: Array  #: part across it: frequency of the peak


@dataclass(frozen=True, eq=False)
class Spectra(Result):
    """Population spectra by linear response, time convention e^{+i omega t}; first axis = frequency."""

    model: "Network" = field(repr=False)
    frequencies: Array = field(repr=False)  #: [Hz]; fewer than asked for when interrupted
    power: Array = field(repr=False)  #: [Hz], shape=(n_frequencies, n_populations)
    cross: ComplexArray = field(repr=False)  #: [Hz], shape=(n_frequencies, n, n)
    effective_connectivity: ComplexArray = field(repr=False)  #: M(i omega), row = target
    eigenvalues: ComplexArray = field(repr=False)  #: of M; a column follows one trajectory
    response_mu: ComplexArray = field(repr=False)  #: d nu/d mu, without synaptic filter [Hz/V]
    response_variance: ComplexArray = field(repr=False)  #: d nu/d sigma^2 [Hz/V^2]
    sensitivities: tuple[tuple[ModeSensitivity, ...], ...] = field(default=(), repr=False)
    termination: str = "completed"  #: or "interrupted"

    _variables: ClassVar[Mapping[str, Variable]] = {
        "power": Variable("power", ("frequency", "population"), "Hz"),
        "cross": Variable("cross", ("frequency", "target", "source"), "Hz"),
        "coherence": Variable("coherence", ("frequency", "target", "source"), "1"),
        "effective_connectivity": Variable("effective_connectivity", ("frequency", "target", "source"), "1"),
        "eigenvalue": Variable("eigenvalues", ("frequency", "mode"), "1"),
        "response_mu": Variable("response_mu", ("frequency", "population"), "Hz/V"),
        "response_variance": Variable("response_variance", ("frequency", "population"), "Hz/V^2"),
    }

    @property
    def populations(self) -> tuple[str, ...]:
        return self.model.populations

    @property
    def coherence(self) -> Array:
        """\\|C_ij\\|^2 / (C_ii C_jj), shape=(n_frequencies, n, n)"""
        found: Array = np.abs(self.cross) ** 2 / (self.power[:, :, None] * self.power[:, None, :])
        return found

    def _coordinates(self) -> dict[str, Any]:
        names = list(self.model.populations)
        return {"frequency": self.frequencies, "population": names, "target": names, "source": names}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "termination": self.termination}

    def plot(self, axes: Any = None, *, log: bool = False) -> Any:
        """Power spectra over frequency; `log`: a logarithmic axis of the power."""
        from . import figures

        return figures.spectra(self, axes, log)


@dataclass(frozen=True, eq=False)
class Covariances(Result):
    """Time-integrated covariances of spike trains, averaged over populations [Hz]."""

    model: "Network" = field(repr=False)
    population_average: Array = field(repr=False)  #: of the population-averaged activities, shape=(n, n)
    pairwise: Array = field(repr=False)  #: mean over pairs of different neurons, shape=(n, n)
    correlations: Array = field(repr=False)  #: of spike counts in long windows, shape=(n, n)
    autocovariances: Array = field(repr=False)  #: of single neurons, shape=(n,)
    spectral_bound: float  #: of the effective connectivity; below 1 the covariances exist

    _variables: ClassVar[Mapping[str, Variable]] = {
        "pairwise": Variable("pairwise", ("target", "source"), "Hz"),
        "population_average": Variable("population_average", ("target", "source"), "Hz"),
        "correlation": Variable("correlations", ("target", "source"), "1"),
        "autocovariance": Variable("autocovariances", ("target",), "Hz"),
    }

    def _coordinates(self) -> dict[str, Any]:
        names = list(self.model.populations)
        return {"target": names, "source": names}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "spectral_bound": self.spectral_bound}

    def plot(self, axes: Any = None) -> Any:
        """Mean correlation coefficients of pairs of neurons as a matrix."""
        from . import figures

        names = self.model.populations
        return figures.matrix(self.correlations, names, names, "correlation coefficient", axes)


@dataclass(frozen=True, eq=False)
class RateDistributions(Result):
    """Rates within populations whose neurons differ in number, weight and rate of their inputs."""

    model: "Network" = field(repr=False)
    raw: tuple[_core.QuenchedPopulation, ...] = field(repr=False)
    termination: str
    message: str = field(repr=False)

    _variables: ClassVar[Mapping[str, Variable]] = {
        "mean_rate": Variable("mean_rates", ("population",), "Hz"),
        "rate_sd": Variable("rate_sd", ("population",), "Hz"),
    }

    @property
    def converged(self) -> bool:
        return self.termination == "converged"

    @property
    def mean_rates(self) -> Array:
        """<nu> over the neurons of each population [Hz]"""
        return np.array([p.mean_rate for p in self.raw])

    @property
    def rate_sd(self) -> Array:
        """Standard deviation over the neurons [Hz]"""
        return np.array([p.rate_sd for p in self.raw])

    def cdf(self, population: str, rates: Any) -> Any:
        """Share of the neurons of a population with a rate below each of `rates` [Hz]."""
        return self._of(population).cdf(np.asarray(rates, dtype=float))

    def quantile(self, population: str, p: Any) -> Any:
        """Rate [Hz] below which the share `p` of the neurons lies; NaN unless 0 < p < 1."""
        return self._of(population).quantile(np.asarray(p, dtype=float))

    def _of(self, population: str) -> _core.QuenchedPopulation:
        try:
            return self.raw[self.model.populations.index(population)]
        except ValueError:
            raise KeyError(f"no population {population!r}") from None

    def _coordinates(self) -> dict[str, Any]:
        return {"population": list(self.model.populations)}

    def _attributes(self) -> dict[str, Any]:
        return {"model": self.model.name, "termination": self.termination}

    def plot(self, axes: Any = None) -> Any:
        """Cumulative distributions of the rates."""
        from . import figures

        return figures.distributions(self, axes)
