"""What follows from a network: states, branches, stability, spectra, covariances, sensitivities, fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Union, cast

import numpy as np

from . import _core
from .branch import Branch, Curve, SpecialPoint
from .errors import NotConverged
from .inverse import Fit, FittedParameter, ParameterSensitivity, Sensitivities
from .linear import Covariances, CriticalDelay, ModeSensitivity, RateDistributions, Spectra, Stability
from .neuron import colour_response_named, refractoriness_named
from .quantities import Number, in_si
from .state import State, States

if TYPE_CHECKING:
    from .network import Network
    from .parameters import Parameters


class Analyses:
    """The methods of :class:`nuphi.Network` that calculate something."""

    @property
    def core(self) -> _core.Model:
        raise NotImplementedError

    @property
    def populations(self) -> tuple[str, ...]:
        raise NotImplementedError

    @property
    def parameters(self) -> "Parameters":
        raise NotImplementedError

    @property
    def entries(self) -> dict[str, tuple[float, str]]:
        raise NotImplementedError

    def set(self, values: Optional[Mapping[str, Number]] = None, **named: Number) -> "Network":
        raise NotImplementedError

    @property
    def _network(self) -> "Network":
        return cast("Network", self)

    def solve(self, *, check: bool = False, **options: Any) -> State:
        """The stationary state nu = Phi(nu).

        Without `initial` the state that relaxation from zero rates reaches. Never raises for the
        numerics unless `check`; see ``.converged`` and ``.report()``. Ctrl-C ends it with
        ``termination == "interrupted"`` and the best point seen.

        Parameters
        ----------
        check : bool
            Raise :class:`nuphi.NotConverged` when there is no state.
        method : str
            "auto", "newton", "ceres", "anderson", "relaxation" or "homotopy".
        tolerance : float
            On max \\|nu - Phi(nu)\\| [Hz], relative to max(1 Hz, nu).
        max_iterations : int
            Of all methods together.
        initial : array
            Rates to start from [Hz], one a population.

        Raises
        ------
        ModelError
            for an unsound network, with every fault in ``.diagnostics``.
        """
        result = _core.solve(self.core, **options)
        summary = result.summary
        state = State(self._network, result.state, summary.termination, summary.message, summary.method_used,
                      summary.iterations)
        if check and not state.converged:
            raise NotConverged(state.report(), state)
        return state

    def fixed_points(self, **options: Any) -> States:
        """Every stationary state that the search finds, unstable ones included, by rising total rate.

        Options: starts, seed, tolerance [Hz], max_iterations. That none is missing is never claimed;
        ``.missing_states`` is True where some provably are.
        """
        found = _core.fixed_points(self.core, **options)
        summary = found.summary
        states = tuple(State(self._network, raw) for raw in found.states)
        return States(self._network, states, summary.termination, summary.message, found.index_sum, found.missing_states)

    def continue_(self, parameter: str, start: Number, stop: Number, *, initial: Optional[Number] = None,
                  hopf: bool = True, two_parameter: Optional[tuple[str, Number, Number]] = None,
                  max_step: float = 0.02, max_points: int = 10000) -> Branch:
        """The branch of states from `start` to `stop` of a parameter or entry, through folds.

        Parameters
        ----------
        parameter : str
            Of the model file ("g"), or an entry of the network ("input_rate[E]").
        start, stop : float or quantity
            SI, or with units.
        initial : array
            Rates at `start` [Hz]; otherwise the state that :meth:`solve` gives there.
        hopf : bool
            Look for Hopf points of the network with its delays where it has them.
        two_parameter : tuple
            ``("eta", 0.5, 4)``: also follow folds and Hopf points in the plane of both; ``.curves``.
        max_step : float
            Largest step, as a part of the interval.
        """
        found = self._continue(parameter, start, stop, initial, False, False, hopf, two_parameter, max_step, max_points)
        return found[0]

    def continue_all(self, parameter: str, start: Number, stop: Number, *, switch: bool = False, hopf: bool = True,
                     max_step: float = 0.02, max_points: int = 10000) -> tuple[Branch, ...]:
        """Branches from every state found at `start`; with `switch` also those that leave at branch points."""
        return self._continue(parameter, start, stop, None, True, switch, hopf, None, max_step, max_points)

    def _continue(self, parameter: str, start: Number, stop: Number, initial: Optional[Number], every: bool,
                  switch: bool, hopf: bool, second: Optional[tuple[str, Number, Number]], max_step: float,
                  max_points: int) -> tuple[Branch, ...]:
        first = self._interval(parameter, start, stop)
        found = _core.continue_branches(
            self.core, *first, None if second is None else self._interval(*second),
            np.zeros(0) if initial is None else np.asarray(in_si(initial, "Hz"), dtype=float),
            every, switch, hopf, max_step, max_points)
        curves = tuple(Curve(c["type"], c["value"], c["second_value"], c["frequency"], tuple(c["cusps"]))
                       for c in found["curves"])
        return tuple(
            Branch(self._network, parameter, b["value"], b["rates"], tuple(b["stable"]), tuple(b["unstable_modes"]),
                   _along(b), b["back"], b["front"], found["no_hopf"], None if second is None else second[0],
                   curves if k == 0 else ())
            for k, b in enumerate(found["branches"]))

    def _interval(self, name: str, start: Number, stop: Number) -> tuple[str, float, float]:
        dimension = self.core.parameter(name)[1]  # raises with the names there are
        return name, float(in_si(start, dimension)), float(in_si(stop, dimension))

    def stability(self, state: Optional[State] = None, *, modes: int = 16, max_delay_scale: float = 20.0,
                  **response: Any) -> Stability:
        """Unstable modes of the network with its delays about `state` (default: :meth:`solve`).

        Options of the response: colour_response ("moving", "quasi_static"; :meth:`spectra` and :meth:`covariances`
        take "exact", too), refractoriness ("exact", "rate_only"), variance_response, synaptic_filter. "Undecided", with the reason, where nothing can be shown.

        Raises
        ------
        ModelError
            when a connection has no delay.
        ValueError
            for a state of another network.
        """
        found = _core.stability(self.core, (state or self.solve()).raw, _response(response), modes, max_delay_scale)
        delays = tuple(CriticalDelay(*d) for d in found.pop("critical_delays"))
        return Stability(model=self._network, critical_delays=delays, **found)

    def spectra(self, frequencies: Number, state: Optional[State] = None, *, noise: str = "poisson",
                sensitivity: str = "none", **response: Any) -> Spectra:
        """Population spectra at `frequencies` [Hz] about `state` (default: :meth:`solve`).

        `noise`: "poisson" or "renewal"; `sensitivity`: "none", "nearest" (of the eigenvalue nearest to
        1) or "all". Response options as :meth:`stability`. Bos, Diesmann & Helias 2016, eq. 18.

        Raises
        ------
        ModelError
            when a population has no size or a connection no delay.
        """
        f = np.atleast_1d(np.asarray(in_si(frequencies, "Hz"), dtype=float))
        found = _core.spectra(self.core, (state or self.solve()).raw, f, _one_of(noise, "noise", "poisson", "renewal"),
                              sensitivity, _response(response))
        modes = tuple(tuple(ModeSensitivity(*m) for m in row) for row in found.pop("sensitivities"))
        done = len(found["frequencies"]) == len(f)
        return Spectra(model=self._network, sensitivities=modes, termination="completed" if done else "interrupted", **found)

    def covariances(self, state: Optional[State] = None, *, noise: str = "renewal") -> Covariances:
        """Covariances of spike trains, averaged over populations; they need the sizes.

        `noise`: autocovariance of a single neuron, "renewal" (CV^2 nu) or "poisson" (nu).
        """
        found = _core.covariances(self.core, (state or self.solve()).raw, _one_of(noise, "noise", "poisson", "renewal"))
        return Covariances(model=self._network, **found)

    def distributions(self, *, tolerance: float = 1e-9, max_iterations: int = 1000) -> RateDistributions:
        """Rates within populations whose neurons differ in their inputs (Roxin et al. 2011)."""
        populations, summary = _core.distributions(self.core, tolerance, max_iterations)
        return RateDistributions(self._network, tuple(populations), summary.termination, summary.message)

    def sensitivity(self, parameters: Sequence[str] = (), state: Optional[State] = None) -> Sensitivities:
        """d nu/d p at `state` (default: :meth:`solve`) for the named parameters or entries.

        Default: every parameter of the model file; of a network built in code every entry.
        """
        rates = (state or self.solve()).rates
        found = _core.sensitivity(self.core, rates, list(parameters))
        return Sensitivities(self._network, tuple(ParameterSensitivity(*row) for row in found))

    def fit(self, target: Union[Mapping[str, Number], Number], free: Sequence[str], *,
            errors: Optional[Union[Mapping[str, Number], Number]] = None,
            bounds: Optional[Mapping[str, tuple[Optional[Number], Optional[Number]]]] = None,
            tolerance: float = 1e-9, max_iterations: int = 200) -> Fit:
        """Values of the `free` parameters or entries that give target rates, by least squares.

        Parameters
        ----------
        target : array or dict
            Rates [Hz], one a population (NaN: free) or by name (those left out are free).
        free : sequence of str
            Parameters of the file ("g") or entries of the network ("input_rate[4E]").
        errors : array or dict
            Standard deviations of the targets [Hz]; they weight the targets, and give the standard
            errors of the parameters.
        bounds : dict
            ``{"J": (0.05*mV, None)}``: lower and upper, SI or with units.
        """
        rates = self._per_population(target)
        weights, known = np.ones(len(rates)), errors is not None
        if errors is not None:
            weights = self._per_population(errors) ** -2.0
        weights[np.isnan(rates)] = 0
        found = _core.fit(self.core, rates, weights, known, list(free), dict(bounds or {}), tolerance, max_iterations)
        parameters = tuple(FittedParameter(**p) for p in found.pop("parameters"))
        summary = found.pop("summary")
        model = self.set({p.name: p.value for p in parameters})
        state = State(model, found.pop("state"), summary.termination, summary.message, summary.method_used)
        return Fit(model=model, parameters=parameters, state=state, termination=summary.termination,
                   message=summary.message, null_directions=tuple(found.pop("null_directions")), **found)

    def _per_population(self, values: Any) -> Any:
        names = self.populations
        if not isinstance(values, Mapping):
            array = np.array(in_si(values, "Hz"), dtype=float)
            if array.shape != (len(names),):
                raise ValueError(f"an array of shape {array.shape}; ({len(names)},) is due, one a population")
            return array
        array = np.full(len(names), np.nan)
        for name, value in values.items():
            if name not in names:
                raise KeyError(f"no population {name!r}; there are {', '.join(names)}")
            array[names.index(name)] = in_si(value, "Hz")
        return array


def _one_of(value: str, what: str, first: str, second: str) -> bool:
    """Whether it is the second of two names."""
    if value not in (first, second):
        raise ValueError(f"{what}: {value!r} is none of {first}, {second}")
    return value == second


def _response(options: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(options)
    if "refractoriness" in result:
        result["refractoriness"] = refractoriness_named(result["refractoriness"])
    if "colour_response" in result:
        result["colour_response"] = colour_response_named(result["colour_response"])
    return result


def _along(branch: Mapping[str, Any]) -> tuple[SpecialPoint, ...]:
    """Special points in order along the branch."""
    points = [SpecialPoint(p["type"], p["value"], p["rates"], p.get("frequency"), max(1, p.get("multiplicity", 1)))
              for p in branch["special"]]
    if not points or len(branch["value"]) == 0:
        return tuple(points)
    place = np.column_stack([branch["value"], branch["rates"]])
    size = np.maximum(np.ptp(place, axis=0), 1e-300)

    def nearest(p: SpecialPoint) -> int:
        return int(np.argmin(np.sum(((place - np.append(p.value, p.rates)) / size) ** 2, axis=1)))

    return tuple(sorted(points, key=nearest))
