"""Networks of Brian2 objects as networks of nuphi."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional

import numpy as np

from ._brian2_equations import GroupReading, Unreadable, Values, read_group, statements
from .errors import Diagnostic, ModelError
from .network import Network
from .parameters import Neuron, lif_delta, lif_exp

FREE_CAPACITANCE = 100e-12  # of neurons whose synapses are written in volt: it leaves mean and variance as they are


class Brian2Warning(UserWarning):
    """Something that Brian2 does otherwise than nuphi, or that was assumed in reading."""


@dataclass
class _Members:
    """Neurons [start, stop) of a group."""

    name: str
    group: str
    start: int
    stop: int

    def of(self, values: Any) -> Any:
        values = np.asarray(values, dtype=float)
        return values if values.ndim == 0 or values.size == 1 else values[self.start:self.stop]

    @property
    def size(self) -> int:
        return self.stop - self.start


@dataclass
class _Arrivals:
    """Synapses, by source and target neuron within their groups."""

    name: str
    source: Any
    target: str
    variable: str
    i: Any
    j: Any
    weight: Any
    delay: Any


def from_brian2(*objects: Any, populations: Optional[Mapping[str, Any]] = None,
                namespace: Optional[Mapping[str, Any]] = None, name: str = "from_brian2",
                delay_distribution: str = "truncated_gaussian", correction: Optional[str] = None) -> Network:
    """The network of Brian2 objects: groups, synapses and inputs, or a ``brian2.Network`` of them.

    Parameters
    ----------
    *objects
        ``NeuronGroup`` of LIF neurons (any linear form of the equation, delta or exponential synapses,
        white noise), ``Synapses``, ``PoissonInput``, ``PoissonGroup``, lists or a ``Network`` of them;
        monitors are passed over.
    populations : dict, optional
        Name to group or subgroup (``{"E": G[:800], "I": G[800:]}``). Left out, groups are divided where
        their synapses divide them.
    namespace : dict, optional
        Values of names that stand in no namespace of the objects; the caller's variables unless given.
    delay_distribution : str
        How delays that differ are described: "truncated_gaussian" by mean and s.d., "uniform" by their ends.
    correction : str, optional
        The network's colour correction, as of :class:`nuphi.Network`; left out, "uniform" with exponential synapses.

    In-degrees and weights are those of the synapses made: means over targets, with the relative s.d. of the
    weights; binomial in-degrees where no pair has two synapses, Poisson otherwise, fixed where all are equal.
    Brian2's ``sigma*sqrt(2/tau)*xi`` becomes noise of sqrt(2) sigma. Constant drive goes into E_L.

    Raises
    ------
    ModelError
        with every reason in ``.diagnostics``, ``.path`` the name of the object.

    Warns
    -----
    Brian2Warning
        of what Brian2 does otherwise, and of what was assumed.
    """
    if namespace is None:
        from brian2.core.namespace import get_local_namespace
        namespace = get_local_namespace(level=1)
    return _Import(objects, namespace, delay_distribution).network(name, populations, correction)


def _flat(objects: Any) -> Iterator[Any]:
    for each in objects:
        if isinstance(each, (list, tuple, set)):
            yield from _flat(each)
        elif type(each).__name__ == "Network":
            yield from _flat(each.objects)
        else:
            yield each


def _range_of(group: Any) -> tuple[str, int, int]:
    """Name of the whole group, first neuron, end. A subgroup knows its group by a weak reference."""
    if hasattr(group, "start") and hasattr(group, "source"):
        return str(group.source.name), int(group.start), int(group.stop)
    return str(group.name), 0, len(group)


class _Import:
    IGNORED = ("SpikeMonitor", "StateMonitor", "PopulationRateMonitor", "EventMonitor", "Subgroup")

    def __init__(self, objects: Any, namespace: Mapping[str, Any], delay_distribution: str) -> None:
        if delay_distribution not in ("truncated_gaussian", "uniform"):
            raise ValueError(f"delay_distribution {delay_distribution!r} is none of truncated_gaussian, uniform")
        self.namespace, self.delay_distribution = namespace, delay_distribution
        self.faults: list[Diagnostic] = []
        self.warned: set[str] = set()
        self.groups: dict[str, GroupReading] = {}
        self.refused: set[str] = set()
        self.sources: dict[str, Any] = {}
        self.arrivals: list[_Arrivals] = []
        self.inputs: list[Any] = []
        self.neurons: dict[str, Neuron] = {}
        synapses = []
        for each in _flat(objects):
            kind = type(each).__name__
            if kind == "NeuronGroup":
                self.read_group(each)
            elif kind == "PoissonGroup":
                self.sources[each.name] = each
            elif kind == "Synapses":
                synapses.append(each)
            elif kind == "PoissonInput":
                self.inputs.append(each)
            elif kind not in self.IGNORED:
                self.refuse(getattr(each, "name", kind), f"a {kind} is not read")
        for each in synapses:
            self.read_synapses(each)
        self.poisson_weights = {each.name: self.weight_of(each) for each in self.inputs}
        for each in self.inputs:
            self.need_target(str(each.name), _range_of(each._group)[0])

    def refuse(self, path: str, why: str) -> None:
        self.faults.append(Diagnostic("brian2", why, path=path))

    def warn(self, text: str) -> None:
        if text not in self.warned:
            self.warned.add(text)
            warnings.warn(text, Brian2Warning, stacklevel=4)

    def read_group(self, group: Any) -> None:
        reading = read_group(group, self.namespace, self.refuse)
        if reading is None:
            self.refused.add(str(group.name))
        else:
            self.groups[reading.name] = reading

    # --- synapses ---

    def read_synapses(self, synapses: Any) -> None:
        faults = []
        paths = [p for p in synapses._pathways if p.prepost == "pre"]
        if any(p.prepost == "post" for p in synapses._pathways):
            faults.append("on_post: plasticity is not read")
        if synapses.equations.diff_eq_names or synapses.event_driven:
            faults.append("differential equations of synapses are not read")
        if any("summed" in e.flags for e in synapses.equations.values()):
            faults.append("summed variables are not read")
        if any(p.event != "spike" for p in paths):
            faults.append("synapses that act on other events than spikes are not read")
        if not all(p.active for p in [synapses, *paths]):
            faults.append("synapses that are switched off (active=False) are not read")
        code = [s for p in paths for s in statements(p.code)]
        match = re.fullmatch(r"(\w+?)(?:_post)?\s*([+-])=\s*(.+)", code[0], re.S) if code else None
        if len(code) != 1:
            faults.append(f"{len(code)} statements on_pre: one is read, `v_post += weight`")
        elif match is None:
            faults.append(f"on_pre {code[0]!r}: `v_post += weight` is read")
        if faults or match is None:
            for fault in faults:
                self.refuse(synapses.name, fault)
            return
        if len(synapses) == 0:
            self.refuse(synapses.name, "has no synapses: connect() makes them")
            return
        i, j = np.asarray(synapses.i[:]), np.asarray(synapses.j[:])
        source, first, _ = _range_of(synapses.source)
        target, start, _ = _range_of(synapses.target)
        if source not in self.groups and source not in self.sources and source not in self.refused:
            self.refuse(synapses.name, f"its source {source} is not among the objects, or is of a kind that is not read")
            return
        self.need_target(str(synapses.name), target)
        weight = self.value(synapses, match.group(3), "weight")
        if weight is None or not self.has_units_of(synapses, match.group(3), match.group(1)):
            return
        if not np.all(np.isfinite(weight)):
            self.refuse(synapses.name, "some weights are not finite")
            return
        sign = -1.0 if match.group(2) == "-" else 1.0
        delay = np.broadcast_to(np.asarray(paths[0].variables["delay"].get_value(), dtype=float), i.shape)
        self.arrivals.append(_Arrivals(synapses.name, source, target, match.group(1), i + first, j + start,
                                       sign * np.broadcast_to(weight, i.shape), delay))

    def need_target(self, path: str, target: str) -> None:
        if target not in self.groups and target not in self.refused:
            self.refuse(path, f"its target {target} is not among the objects")

    def has_units_of(self, synapses: Any, text: str, variable: str) -> bool:
        """Whether an expression has the dimension of the variable that it is added to."""
        from brian2 import have_same_dimensions
        from brian2.parsing.expressions import parse_expression_dimensions
        from brian2.utils.stringtools import get_identifiers
        target = synapses.variables.get(f"{variable}_post")
        try:
            known = synapses.resolve_all(get_identifiers(text), run_namespace=dict(self.namespace))
            same = target is None or have_same_dimensions(parse_expression_dimensions(text, known), target.dim)
        except Exception:  # Brian2 says so itself when the network runs
            return True
        if not same:
            self.refuse(synapses.name, f"`{text}` has another dimension than {variable}, which it is added to")
        return bool(same)

    def value(self, owner: Any, text: str, what: str) -> Any:
        try:
            return Values(owner, self.namespace).text(text)
        except Unreadable as error:
            self.refuse(owner.name, f"{what}: {error}")
        except Exception:  # whatever sympy or numpy make of other expressions
            self.refuse(owner.name, f"{what} {text!r} cannot be evaluated")
        return None

    # --- populations ---

    def members(self, populations: Optional[Mapping[str, Any]]) -> list[_Members]:
        if populations is not None:
            if not isinstance(populations, Mapping):
                raise TypeError("populations is a dictionary of names to groups")
            chosen = [_Members(name, *_range_of(group)) for name, group in populations.items()]
            self.check_cover(chosen)
            return chosen
        members, divided = [], False
        for name, group in self.groups.items():
            cuts = self.cuts(name, group.size)
            divided = divided or len(cuts) > 2
            members += [_Members(name if len(cuts) == 2 else f"{name}_{a}", name, a, b) for a, b in zip(cuts, cuts[1:])]
        if divided:
            self.warn("populations found from the connect conditions: groups are divided where their synapses divide them")
        return members

    def check_cover(self, members: list[_Members]) -> None:
        """Every neuron belongs to one population."""
        for name, group in self.groups.items():
            end = 0
            for m in sorted((m for m in members if m.group == name), key=lambda m: m.start):
                if m.start != end:
                    self.refuse(name, f"populations {'leave out' if m.start > end else 'share'} neurons {min(end, m.start)} to "
                                      f"{max(end, m.start) - 1}")
                end = m.stop
            if end != group.size:
                self.refuse(name, f"populations leave out neurons {end} to {group.size - 1}")

    def cuts(self, group: str, size: int) -> list[int]:
        """Where synapses begin, and where they end but for a few neurons that have none."""
        begins = {0, size}
        ends = set()
        for indices in [a.i for a in self.arrivals if a.source == group] + [a.j for a in self.arrivals if a.target == group]:
            if len(indices) > 0:
                begins.add(int(indices.min()))
                ends.add(int(indices.max()) + 1)
        few = max(1, size // 50)
        begins = {b for b in begins if b in (0, size) or b > few}
        cuts = begins | {e for e in ends if not any(e <= b <= e + few for b in begins)}
        return sorted(cuts)

    def uniform(self, values: Any, what: str, where: _Members) -> float:
        own = where.of(values)
        if own.ndim and not np.allclose(own, own.flat[0], rtol=1e-9, atol=0):
            self.refuse(where.group, f"{what} differs between neurons of the population {where.name}: give `populations`, "
                                     "or one group for each kind")
        return float(own.flat[0]) if own.ndim else float(own)

    # --- the network ---

    def network(self, name: str, populations: Optional[Mapping[str, Any]], correction: Optional[str]) -> Network:
        members = [] if self.faults else self.members(populations)
        for m in members:
            if m.group not in self.groups:
                self.refuse(m.group, f"the group of the population {m.name} is not among the objects")
        self.finish()
        network = Network(name, correction=correction)
        signs = {m.name: self.signs(m) for m in members}
        for m in members:
            neuron = self.neuron(m, signs[m.name])
            if neuron is not None:
                self.neurons[m.name] = neuron
                network.add(m.name, m.size, neuron=neuron)
        self.finish()
        for m in members:
            sigma = self.uniform(self.groups[m.group].sigma, "noise", m)
            if sigma != 0:
                network.noise(m.name, sigma=sigma, tau_syn=0.0 if self.neurons[m.name]["model"] == "lif_exp" else None)
        for arrivals in self.arrivals:
            for to in (m for m in members if m.group == arrivals.target):
                self.add_arrivals(network, members, arrivals, to)
        for each in self.inputs:
            self.add_input(network, members, each)
        self.finish()
        if any(np.any(np.asarray(g.t_ref) > 0) for g in self.groups.values()):
            self.warn("Brian2 clamps for t_ref - dt: its neurons fire a little faster than those of t_ref")
        return network

    def finish(self) -> None:
        if self.faults:
            raise ModelError("\n".join(f"{d.path}: {d.message}" for d in self.faults), self.faults)

    def signs(self, m: _Members) -> dict[str, set[int]]:
        """Of the weights that arrive, by synaptic variable."""
        found: dict[str, set[int]] = {}
        for a in self.arrivals:
            if a.target == m.group:
                own = a.weight[(a.j >= m.start) & (a.j < m.stop)] * self.gain_sign(m, a.variable)
                found.setdefault(a.variable, set()).update(int(s) for s in np.unique(np.sign(own)))
        for each in self.inputs:
            if _range_of(each._group)[0] == m.group:
                weight = self.poisson_weights[each.name] * self.gain_sign(m, each._target_var)
                found.setdefault(each._target_var, set()).add(int(np.sign(weight)))
        return {variable: s - {0} for variable, s in found.items()}

    def gain_sign(self, m: _Members, variable: str) -> float:
        current = self.groups[m.group].currents.get(variable)
        return 1.0 if current is None else float(np.sign(np.ravel(m.of(current.gain))[0]))

    def neuron(self, m: _Members, signs: Mapping[str, set[int]]) -> Optional[Neuron]:
        g = self.groups[m.group]
        common: dict[str, float] = {}
        for key, values in (("tau_m", g.tau_m), ("E_L", g.rest), ("V_th", g.V_th), ("V_reset", g.V_reset), ("t_ref", g.t_ref)):
            common[key] = self.uniform(values, {"E_L": "the constant drive"}.get(key, key), m)
        unknown = set(signs) - set(g.currents) - {g.membrane}
        if unknown:
            self.refuse(m.group, f"synapses act on {', '.join(sorted(unknown))}, which does not drive {g.membrane}")
            return None
        used = [v for v in signs if v != g.membrane]
        if not used:
            return lif_delta(**common)
        if g.membrane in signs:
            self.refuse(m.group, "delta and exponential synapses at one neuron are not read")
            return None
        tau = {v: self.uniform(g.currents[v].tau, f"the time constant of {v}", m) for v in used}
        times = {}
        for sign in (1, -1):
            kinds = {tau[v] for v in used if sign in signs[v]}
            if len(kinds) > 1:
                self.refuse(m.group, f"{'excitatory' if sign > 0 else 'inhibitory'} synapses of several time constants")
                return None
            if kinds:
                times[sign] = kinds.pop()
        if any(len(signs[v]) == 2 for v in used):
            self.warn("one synaptic variable takes both signs: tau_syn_ex = tau_syn_in")
        capacitances = {1 / abs(self.uniform(g.currents[v].gain, f"the gain of {v}", m)) for v in used if g.currents[v].is_current}
        if len(capacitances) > 1:
            self.refuse(m.group, "currents act through several capacitances")
            return None
        return lif_exp(**common, C_m=capacitances.pop() if capacitances else FREE_CAPACITANCE,
                       tau_syn_ex=times.get(1, times.get(-1, 0.0)), tau_syn_in=times.get(-1, times.get(1, 0.0)))

    def factor(self, to: _Members, variable: str) -> float:
        """From what is added to a variable to a weight of nuphi."""
        g = self.groups[to.group]
        if variable == g.membrane:
            return 1.0
        return float(self.neurons[to.name]["C_m"]) * self.uniform(g.currents[variable].gain, f"the gain of {variable}", to)

    def add_arrivals(self, network: Network, members: list[_Members], a: _Arrivals, to: _Members) -> None:
        from_group = a.source not in self.sources
        own = (a.j >= to.start) & (a.j < to.stop)
        factor = self.factor(to, a.variable) if own.any() else 1.0
        origins: list[Optional[_Members]] = [m for m in members if m.group == a.source] if from_group else [None]
        for origin in origins:
            chosen = own if origin is None else own & (a.i >= origin.start) & (a.i < origin.stop)
            if not chosen.any():
                continue
            j, weight = a.j[chosen] - to.start, a.weight[chosen] * factor
            mean = float(weight.mean())
            if np.any(weight > 0) and np.any(weight < 0) and weight.std() > 0.5 * abs(mean):
                self.refuse(a.name, "weights of both signs from one population")
                continue
            cv = float(weight.std() / abs(mean)) if mean else 0.0
            cv = cv if cv > 1e-9 else 0.0
            if origin is None:
                rates = self.rates_of(self.sources[a.source])
                if rates is None:
                    continue
                network.poisson(to.name, indegree=len(j) / to.size, rate=float(rates[a.i[chosen]].mean()), weight=mean,
                                weight_cv=cv)
                self.warn(f"targets share Poisson neurons of {a.source}: theory takes their input as independent")
                continue
            network.connect(origin.name, to.name, indegree=self.indegree(a.i[chosen], j, to.size), weight=mean,
                            weight_cv=cv, delay=self.delay(a.delay[chosen]))

    def rates_of(self, source: Any) -> Any:
        rates = source._rates
        rates = self.value(source, rates, "rates") if isinstance(rates, str) else np.asarray(rates, dtype=float)
        return None if rates is None else np.broadcast_to(rates, len(source))

    def indegree(self, i: Any, j: Any, size: int) -> Any:
        counts = np.bincount(j, minlength=size)
        mean = float(counts.mean())
        if counts.min() == counts.max():
            return mean
        if counts.var() > 1.5 * mean * (1 + 3 / np.sqrt(size)):
            self.warn("in-degrees differ more than chance makes them: theory has neurons that receive the same in the mean")
        pairs = np.unique(np.stack([i, j]), axis=1).shape[1]
        return {"mean": mean, "distribution": "binomial" if pairs == len(i) else "poisson"}

    def delay(self, delays: Any) -> Any:
        mean, sd = float(delays.mean()), float(delays.std())
        if mean == 0:
            self.warn("delay 0: none written; Brian2 delivers such spikes one step later")
            return None
        if sd <= 1e-9 * mean:
            return mean
        if self.delay_distribution == "uniform":
            return {"distribution": "uniform", "min": float(delays.min()), "max": float(delays.max())}
        self.warn("delays differ: written as a truncated Gaussian of their mean and s.d. (delay_distribution='uniform' "
                  "takes their ends)")
        return {"distribution": "truncated_gaussian", "mean": mean, "sd": sd}

    # --- inputs ---

    def weight_of(self, each: Any) -> float:
        weight = each._weight
        value = self.value(each, weight, "weight") if isinstance(weight, str) else np.asarray(weight, dtype=float)
        return float("nan") if value is None else float(value)

    def add_input(self, network: Network, members: list[_Members], each: Any) -> None:
        group, start, stop = _range_of(each._group)
        for to in (m for m in members if m.group == group and m.start < stop and m.stop > start):
            if to.start < start or to.stop > stop:
                self.refuse(each.name, f"reaches only a part of the population {to.name}")
                continue
            network.poisson(to.name, indegree=float(each.N), rate=float(np.asarray(each.rate)),
                            weight=self.poisson_weights[each.name] * self.factor(to, each._target_var))
