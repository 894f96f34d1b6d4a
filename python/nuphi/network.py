"""Networks: loaded from a model file, or built in code. One class for both."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

import numpy as np

from . import _core
from .analyses import Analyses
from .brian2_network import Comparison, compare, to_brian2
from .errors import FileError
from .neuron import correction_named
from .parameters import Neuron, Parameters
from .quantities import Number, in_si


@dataclass(frozen=True)
class Population:
    """A handle of a population of a network that is being built."""

    index: int
    name: str


Populations = Union[Population, str, Iterable[Union[Population, str]]]  #: by handle or by name; "all"


def _entry(value: Any, k: int, count: int) -> Any:
    """The k-th of several values; a single one stands for all."""
    if isinstance(value, str) or value is None or np.ndim(getattr(value, "magnitude", value)) == 0:
        return value
    if len(value) != count:
        raise ValueError(f"{len(value)} values for {count} populations")
    return value[k]


class Network(Analyses):
    """A network of LIF populations.

    Built in code::

        net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20*ms, t_ref=2*ms, V_th=20*mV, V_reset=10*mV))
        E, I = net.add("E", 10000), net.add("I", 2500)
        net.connect(E, [E, I], indegree=1000, weight=.1*mV, delay=1.5*ms)
        net.poisson([E, I], indegree=1000, rate=20*Hz, weight=.1*mV)
        net.solve()["E"].rate

    or loaded: ``nuphi.load("model.yaml")``. ``correction`` says how exponential synapses enter the rate, by the names
    that :func:`nuphi.siegert` takes; left out it is "uniform" (and a note says where that is more than 1 % from "shift").
    """

    def __init__(self, name: str = "network", *, neuron: Optional[Neuron] = None,
                 correction: Optional[str] = None) -> None:
        self._name = name
        self._neuron = neuron
        self._correction = correction
        self._populations: list[dict[str, Any]] = []
        self._projections: list[dict[str, Any]] = []
        self._inputs: list[dict[str, Any]] = []
        self._core: Optional[_core.Model] = None

    @classmethod
    def _of(cls, core: _core.Model) -> "Network":
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
        each = [neurons] * len(names) if isinstance(neurons, Neuron) else list(neurons)
        network = cls(name, correction=correction)
        handles = [network.add(n, sizes[i] if sizes is not None else 0, neuron=each[i])
                   for i, n in enumerate(names)]
        unit = "V" if each[0]["model"] == "lif_delta" else "A"
        weights = np.broadcast_to(in_si(J, unit), shape)
        delays = None if delay is None else np.broadcast_to(in_si(delay, "s"), shape)
        spread = np.broadcast_to(weight_cv, shape)
        for i, j in zip(*np.nonzero(K)):
            network.connect(handles[j], handles[i], indegree=float(K[i, j]), weight=float(weights[i, j]),
                            delay=None if delays is None else float(delays[i, j]), weight_cv=float(spread[i, j]))
        return network

    # --- building ---

    def _listed(self, populations: Populations) -> list[Population]:
        names = [p["name"] for p in self._populations]
        if populations == "all":
            populations = names
        listed = []
        for p in [populations] if isinstance(populations, (Population, str)) else populations:
            if isinstance(p, str):
                if p not in names:
                    raise KeyError(f"no population {p!r}; there are {', '.join(names)}")
                p = Population(names.index(p), p)
            listed.append(p)
        return listed

    def _changed(self) -> None:
        if not self._populations and self._core is not None:
            raise TypeError("a loaded network is changed with set(), which returns a copy")
        self._core = None

    def add(self, name: str, size: float = 0, *, neuron: Optional[Neuron] = None, kind: str = "") -> Population:
        """Adds a population; `kind` "excitatory" or "inhibitory" has the signs of its weights checked."""
        self._changed()
        if neuron is None and self._neuron is None:
            raise TypeError("add() needs a neuron, or the network one for all")
        self._populations.append({"name": name, "size": float(size), "kind": kind, "neuron": neuron or self._neuron})
        return Population(len(self._populations) - 1, name)

    def connect(self, source: Populations, target: Populations, *, indegree: Any, weight: Number,
                delay: Any = None, weight_cv: float = 0.0) -> None:
        """Connects every source with every target.

        Parameters
        ----------
        source, target : Population, str or several of them
            Handles that :meth:`add` returned, or names; "all".
        indegree : float or dict
            Mean number of synapses that a neuron of the target receives from the source; for
            :meth:`distributions` with how it is spread,
            ``{"mean": 1000, "distribution": "binomial"}`` (or "poisson", "fixed").
        weight : float or quantity
            Jump of the membrane [V]; of ``lif_exp`` the peak of the current [A].
        delay : float, quantity or dict
            A time [s], or a distribution such as
            ``{"distribution": "truncated_gaussian", "mean": 1.5*ms, "sd": .75*ms}``. Only what follows
            in time needs one (stability, spectra, Hopf points).
        weight_cv : float
            Relative standard deviation of the weights.
        """
        self._changed()
        for s in self._listed(source):
            for t in self._listed(target):
                self._projections.append({"source": s.index, "target": t.index, "indegree": indegree,
                                          "weight": weight, "weight_cv": weight_cv, "delay": delay})

    def poisson(self, target: Populations, *, rate: Number, weight: Number, indegree: Number = 1.0,
                weight_cv: float = 0.0, tau_syn: Number = None) -> None:
        """External Poisson input: `indegree` sources of `rate` each [Hz], synapses as in :meth:`connect`.

        A list or an array has one value for each target. `tau_syn`: of these synapses alone [s].
        """
        self._add_input(target, kind="poisson", rate=rate, weight=weight, indegree=indegree, weight_cv=weight_cv,
                        tau_syn=tau_syn)

    def noise(self, target: Populations, *, mean: Number = 0.0, sigma: Number = 0.0, tau_syn: Number = None) -> None:
        """Gaussian noise of mean and amplitude sigma, tau_m dV = -(V - mu) dt + sigma sqrt(tau_m) dW [V]: white, but for
        neurons with exponential synapses filtered like their input; `tau_syn=0` is white there too."""
        self._add_input(target, kind="noise", mean=mean, sigma=sigma, tau_syn=tau_syn)

    def dc(self, target: Populations, *, drive: Number = None, current: Number = None) -> None:
        """Constant input: `drive` [V] or `current` [A]."""
        if (drive is None) == (current is None):
            raise TypeError("dc() takes either drive or current")
        self._add_input(target, kind="dc", **({"drive": drive} if current is None else {"current": current}))

    def _add_input(self, target: Populations, **values: Any) -> None:
        self._changed()
        targets = self._listed(target)
        for k, t in enumerate(targets):
            self._inputs.append({"target": t.index, **{name: _entry(v, k, len(targets)) for name, v in values.items()}})

    @property
    def core(self) -> _core.Model:
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
        """Every number of the network by name, such as ``indegree[E<-I]`` or
        ``neuron.tau_m[E]``: value and unit, SI."""
        return dict(self.core.entries)

    def set(self, values: Optional[Mapping[str, Number]] = None, **named: Number) -> "Network":
        """A changed copy: parameters of the file or entries of the network, ``set(g=4.5)``,
        ``set({"input_rate[4E]": 9*Hz, "neuron.tau_m[E]": "12 ms"})``. Floats are SI; texts carry
        their unit. The names are those of ``--set`` (docs/parameters.md)."""
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

    # --- other programs ---

    def to_brian2(self, *, size: Optional[float] = None, dt: Number = 0.1e-3, seed: Optional[int] = None) -> Any:
        """The network as a ``brian2.Network`` that can be run.

        Parameters
        ----------
        size : float, optional
            Number of neurons in all, shared out as the sizes of the populations are (equally, where they
            have none). In-degrees stay as they are: in small networks neurons share more of their input.
        dt : float
            Time step [s].
        seed : int, optional
            Of the synapses drawn and of Brian2's random numbers.

        Voltages are relative to E_L. Groups are named ``nuphi_population_0`` and so on. The schedule is that
        of NEST, under which delta synapses act at the time of the threshold's test; the refractory time is
        one step longer in Brian2's terms, which clamps for t - dt. In-degrees that are no whole numbers differ
        from neuron to neuron by one.
        """
        return to_brian2(self, size=size, dt=float(in_si(dt, "s")), seed=seed)

    def compare(self, tool: str = "brian2", *, size: Optional[float] = None, seeds: int = 4, duration: Number = 1.0,
                warmup: Number = 0.2, bins: int = 5, dt: Number = 0.1e-3) -> Comparison:
        """Rates of theory beside those of simulations, with standard errors over bins of time and seeds.

        Every one of `seeds` networks is drawn anew and simulated for `warmup` + `duration` [s]; rates of `bins`
        equal parts of the duration count as independent. The other arguments are those of :meth:`to_brian2`.
        """
        return compare(self, tool, size=size, seeds=seeds, duration=float(in_si(duration, "s")),
                       warmup=float(in_si(warmup, "s")), bins=bins, dt=float(in_si(dt, "s")))

    def __repr__(self) -> str:
        return f"<nuphi.Network {self.name}: {', '.join(self.populations)}>"

    def __getstate__(self) -> _core.Model:
        return self.core

    def __setstate__(self, core: _core.Model) -> None:
        self.__dict__.update(Network._of(core).__dict__)


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
