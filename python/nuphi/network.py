"""Networks: loaded from a model file, or built in code. One class for both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Union

import numpy as np

from . import _core
from .errors import FileError, NotConverged
from .neuron import Number, correction_named
from .quantities import in_si
from .results import (Branch, Covariances, ParameterSensitivity, SpecialPoint, Spectra, Stability, State, state_of)


class Parameter(NamedTuple):
    """A parameter of a model: value in SI."""

    name: str
    value: float
    dimension: str  #: SI unit, "1" when dimensionless
    unit: str  #: it was written with
    is_expression: bool


class Neuron(dict):  # type: ignore[type-arg]
    """Parameters of a neuron model, in SI; made by :func:`lif_delta` and :func:`lif_exp`."""


def _neuron(model: str, **values: Number) -> Neuron:
    return Neuron(model=model, **values)


def lif_delta(*, tau_m: Number, t_ref: Number, V_th: Number, V_reset: Number, E_L: Number = 0.0,
              C_m: Number = 0.0) -> Neuron:
    """LIF neuron with delta synapses (NEST ``iaf_psc_delta``): weights are jumps of the membrane [V]."""
    return _neuron("lif_delta", tau_m=tau_m, t_ref=t_ref, V_th=V_th, V_reset=V_reset, E_L=E_L, C_m=C_m,
                   tau_syn_ex=0.0, tau_syn_in=0.0)


def lif_exp(*, tau_m: Number, t_ref: Number, V_th: Number, V_reset: Number, C_m: Number, tau_syn_ex: Number,
            tau_syn_in: Number, E_L: Number = 0.0) -> Neuron:
    """LIF neuron with exponential synapses (NEST ``iaf_psc_exp``): weights are currents [A]."""
    return _neuron("lif_exp", tau_m=tau_m, t_ref=t_ref, V_th=V_th, V_reset=V_reset, E_L=E_L, C_m=C_m,
                   tau_syn_ex=tau_syn_ex, tau_syn_in=tau_syn_in)


class Population(NamedTuple):
    """A handle of a population of a network that is being built."""

    index: int
    name: str


Populations = Union[Population, Iterable[Population]]


def _listed(populations: Populations) -> list[Population]:
    return [populations] if isinstance(populations, Population) else list(populations)


class Parameters(Mapping[str, Parameter]):
    """The parameters of a model, by name."""

    def __init__(self, table: Mapping[str, tuple[float, str, str, bool]]) -> None:
        self._table = {name: Parameter(name, *values) for name, values in table.items()}

    def __getitem__(self, name: str) -> Parameter:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def __repr__(self) -> str:
        return "\n".join(f"{p.name} = {p.value:g} {'' if p.dimension == '1' else p.dimension}".rstrip()
                         for p in self.values())


class Network:
    """A network of LIF populations.

    Built in code::

        net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20*ms, t_ref=2*ms, V_th=20*mV, V_reset=10*mV))
        E, I = net.add("E", 10000), net.add("I", 2500)
        net.connect(E, [E, I], indegree=1000, weight=.1*mV, delay=1.5*ms)
        net.poisson([E, I], indegree=1000, rate=20*Hz, weight=.1*mV)
        net.solve()["E"].rate

    or loaded: ``nuphi.load("model.yaml")``.
    """

    def __init__(self, name: str = "network", *, neuron: Optional[Neuron] = None,
                 correction: Optional[str] = None) -> None:
        self._name = name
        self._neuron = neuron
        self._correction = correction
        self._populations: list[dict[str, Any]] = []
        self._projections: list[dict[str, Any]] = []
        self._inputs: list[dict[str, Any]] = []
        self._core: Any = None

    @classmethod
    def _of(cls, core: Any) -> "Network":
        network = cls.__new__(cls)
        network._core = core
        network._name = core.name
        network._populations, network._projections, network._inputs = [], [], []
        return network

    @classmethod
    def from_matrices(cls, names: Sequence[str], neurons: Union[Neuron, Sequence[Neuron]], K: Any, J: Any, *,
                      delay: Number = None, sizes: Optional[Sequence[float]] = None, weight_cv: Any = 0.0,
                      name: str = "network", correction: Optional[str] = None) -> "Network":
        """A network from matrices; rows are targets, columns sources. K in-degrees, J weights; scipy's sparse
        matrices are taken too."""
        K = K.toarray() if hasattr(K, "toarray") else np.asarray(K, dtype=float)
        J = J.toarray() if hasattr(J, "toarray") else J
        shape = (len(names), len(names))
        if K.shape != shape:
            raise ValueError(f"K has shape {K.shape}; {shape} is due for {len(names)} populations")
        one = isinstance(neurons, dict)
        network = cls(name, correction=correction)
        handles = [network.add(n, sizes[i] if sizes is not None else 0, neuron=neurons if one else neurons[i])
                   for i, n in enumerate(names)]
        unit = "V" if (neurons if one else neurons[0])["model"] == "lif_delta" else "A"
        weights = np.broadcast_to(in_si(J, unit), shape)
        delays = None if delay is None else np.broadcast_to(in_si(delay, "s"), shape)
        spread = np.broadcast_to(weight_cv, shape)
        for i, j in zip(*np.nonzero(K)):
            network.connect(handles[j], handles[i], indegree=float(K[i, j]), weight=float(weights[i, j]),
                            delay=None if delays is None else float(delays[i, j]), weight_cv=float(spread[i, j]))
        return network

    # --- building ---

    def _changed(self) -> None:
        if not self._populations and self._core is not None:
            raise TypeError("a loaded network is changed with set(), which returns a copy")
        self._core = None

    def add(self, name: str, size: float = 0, *, neuron: Optional[Neuron] = None, kind: str = "") -> Population:
        """Adds a population; `kind` "excitatory" or "inhibitory" has the signs of its weights checked."""
        if self._core is not None and not self._populations:
            self._changed()
        if neuron is None and self._neuron is None:
            raise TypeError("add() needs a neuron, or the network one for all")
        self._core = None
        self._populations.append({"name": name, "size": float(size), "kind": kind, "neuron": neuron or self._neuron})
        return Population(len(self._populations) - 1, name)

    def connect(self, source: Populations, target: Populations, *, indegree: Number, weight: Number,
                delay: Any = None, weight_cv: float = 0.0) -> None:
        """Connects every source with every target. `delay`: a time, or a dict such as
        ``{"distribution": "truncated_gaussian", "mean": 1.5*ms, "sd": .75*ms}``."""
        self._changed()
        for s in _listed(source):
            for t in _listed(target):
                self._projections.append({"source": s.index, "target": t.index, "indegree": indegree,
                                          "weight": weight, "weight_cv": weight_cv, "delay": delay})

    def poisson(self, target: Populations, *, rate: Number, weight: Number, indegree: Number = 1.0,
                weight_cv: float = 0.0, tau_syn: Number = None) -> None:
        """External Poisson input: `indegree` sources of `rate` each."""
        self._add_input(target, kind="poisson", rate=rate, weight=weight, indegree=indegree, weight_cv=weight_cv,
                        tau_syn=tau_syn)

    def noise(self, target: Populations, *, mean: Number = 0.0, sigma: Number = 0.0, tau_syn: Number = None) -> None:
        """Gaussian white noise of mean and amplitude sigma, tau_m dV = -(V - mu) dt + sigma sqrt(tau_m) dW [V]."""
        self._add_input(target, kind="noise", mean=mean, sigma=sigma, tau_syn=tau_syn)

    def dc(self, target: Populations, *, drive: Number = None, current: Number = None) -> None:
        """Constant input: `drive` [V] or `current` [A]."""
        if (drive is None) == (current is None):
            raise TypeError("dc() takes either drive or current")
        self._add_input(target, kind="dc", **({"drive": drive} if current is None else {"current": current}))

    def _add_input(self, target: Populations, **values: Any) -> None:
        self._changed()
        for t in _listed(target):
            self._inputs.append({"target": t.index, **values})

    @property
    def core(self) -> Any:
        """The compiled model. Raises ModelError when the network is unsound."""
        if self._core is None:
            correction = None if self._correction is None else correction_named(self._correction)
            self._core = _core.build_model(self._name, self._populations, self._projections, self._inputs, correction)
        return self._core

    # --- what it is ---

    @property
    def name(self) -> str:
        return str(self.core.name)

    @property
    def populations(self) -> tuple[str, ...]:
        return tuple(self.core.populations)

    @property
    def parameters(self) -> Parameters:
        """Named parameters of the model file."""
        return Parameters(self.core.parameters)

    @property
    def entries(self) -> dict[str, tuple[float, str]]:
        """Every number of the network by name, such as ``indegree[E<-I]``: value and unit, SI."""
        return dict(self.core.entries)

    def set(self, values: Optional[Mapping[str, Number]] = None, **named: Number) -> "Network":
        """A changed copy: parameters of the file or entries of the network, ``set(g=4.5)``,
        ``set({"input_rate[4E]": 9*Hz})``. Floats are SI; texts carry their unit."""
        return Network._of(self.core.with_values({**(values or {}), **named}))

    def display_unit(self, parameter: str) -> tuple[str, float]:
        """The unit a parameter was written with, and its size in SI."""
        p = self.parameters.get(parameter)
        if p is None or p.dimension == "1":
            return "", 1.0
        unit = p.unit or p.dimension
        return unit, float(_core.parse_quantity(f"1 {unit}", p.dimension))

    def to_yaml(self) -> str:
        """The network as a model file with everything resolved."""
        return str(self.core.to_yaml())

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        try:
            Path(path).write_text(self.to_yaml(), encoding="utf-8")
        except OSError as error:
            raise FileError(f"{path}: {error.strerror}") from error

    def __repr__(self) -> str:
        return f"<nuphi.Network {self.name}: {', '.join(self.populations)}>"

    def __getstate__(self) -> Any:
        return self.core

    def __setstate__(self, core: Any) -> None:
        self.__dict__.update(Network._of(core).__dict__)

    # --- what follows ---

    def solve(self, *, check: bool = False, **options: Any) -> State:
        """The stationary state nu = Phi(nu).

        Options: method ("auto", "newton", "ceres", "anderson", "relaxation", "homotopy"), tolerance [Hz],
        max_iterations, initial (rates [Hz]). Never raises for the numerics unless `check`.
        """
        result = _core.solve(self.core, **options)
        state = state_of(self, result.state, result.summary)
        if check and not state.converged:
            raise NotConverged(state.report(), state)
        return state

    def fixed_points(self, **options: Any) -> list[State]:
        """Every stationary state that the search finds, by rising total rate."""
        found = _core.fixed_points(self.core, **options)
        return [state_of(self, raw, None) for raw in found.states]

    def continue_(self, parameter: str, start: Number, stop: Number, *, max_points: int = 10000) -> Branch:
        """The branch of states from `start` to `stop` of a parameter, through folds."""
        dimension = self._dimension(parameter)
        found = _core.continue_branch(self.core, parameter, float(in_si(start, dimension)),
                                      float(in_si(stop, dimension)), max_points)
        special = tuple(SpecialPoint(p["type"], p["value"], p["rates"]) for p in found["special"])
        return Branch(self, parameter, found["value"], found["rates"], tuple(found["stable"]), special,
                      {"front": found["front"], "back": found["back"]})

    def _dimension(self, parameter: str) -> str:
        p = self.parameters.get(parameter)
        if p is not None:
            return p.dimension
        entry = self.entries.get(parameter)
        if entry is None:
            self.core.with_values({parameter: 0.0})  # raises with the names there are
            raise KeyError(parameter)
        return entry[1]

    def stability(self, state: Optional[State] = None, **response: Any) -> Stability:
        """Unstable modes of the network with delays about `state` (default: :meth:`solve`)."""
        return Stability(**_core.stability(self.core, (state or self.solve()).raw, _response(response)))

    def spectra(self, frequencies: Number, state: Optional[State] = None, *, noise: str = "poisson",
                **response: Any) -> Spectra:
        """Population spectra at `frequencies` [Hz]; `noise` "poisson" or "renewal"."""
        f = np.atleast_1d(np.asarray(in_si(frequencies, "Hz"), dtype=float))
        found = _core.spectra(self.core, (state or self.solve()).raw, f, noise == "renewal", _response(response))
        return Spectra(populations=self.populations, frequencies=f, **found)

    def covariances(self, state: Optional[State] = None) -> Covariances:
        """Covariances averaged over populations; they need the sizes."""
        return Covariances(populations=self.populations, **_core.covariances(self.core, (state or self.solve()).raw))

    def sensitivity(self, parameters: Sequence[str] = (), state: Optional[State] = None) -> list[ParameterSensitivity]:
        """d rate / d parameter for the named parameters (default: all)."""
        state = state or self.solve()
        return [ParameterSensitivity(*row) for row in _core.sensitivity(self.core, state.rates, list(parameters))]


def _response(options: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(options)
    if "refractoriness" in result:
        result["refractoriness"] = getattr(_core.Refractoriness, result["refractoriness"])
    return result


def load(path: Union[str, "os.PathLike[str]"], **parameters: Number) -> Network:
    """The network of a model file (``schema: nuphi/1``), with parameters changed where given.

    Raises
    ------
    ModelError
        with every fault of the file in ``.diagnostics``.
    FileError
        when the file cannot be read.
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error
    network = Network._of(_core.parse_model(text, str(path), str(file.parent), {}, {}))
    return network.set(**parameters) if parameters else network
