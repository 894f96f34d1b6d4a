"""A network as a simulation in Brian2, and theory beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping, Optional

import numpy as np

if TYPE_CHECKING:
    from .network import Network

# Within a time step PoissonInput draws a binomial number: with more sources of a lower rate it is all but Poisson's.
MOST_SPIKES_A_STEP = 0.01
NEST_SCHEDULE = ["start", "groups", "synapses", "thresholds", "resets", "end"]


def to_brian2(network: "Network", *, size: Optional[float] = None, dt: float = 0.1e-3, seed: Optional[int] = None) -> Any:
    """See :meth:`nuphi.Network.to_brian2`."""
    return _Builder(network, size, dt, seed).build()


class _Builder:
    def __init__(self, network: "Network", size: Optional[float], dt: float, seed: Optional[int]) -> None:
        import brian2
        self.b, self.dt = brian2, float(dt)
        self.description: Mapping[str, Any] = network.core.description
        self.random = np.random.default_rng(seed)
        if seed is not None:
            brian2.seed(seed)
        self.sizes = self.numbers(size)

    def numbers(self, size: Optional[float]) -> list[int]:
        own = [p["size"] for p in self.description["populations"]]
        if not all(n > 0 for n in own):
            if size is None:
                raise ValueError("the populations have no sizes: give size, the number of neurons in all")
            own = [1.0] * len(own)
        factor = 1.0 if size is None else float(size) / sum(own)
        return [max(1, round(factor * n)) for n in own]

    def build(self) -> Any:
        objects = [self.group(k) for k in range(len(self.sizes))]
        self.groups = list(objects)
        objects += [self.projection(k, p) for k, p in enumerate(self.description["projections"])]
        objects += [x for k, p in enumerate(self.description["inputs"]) if (x := self.input(k, p)) is not None]
        net = self.b.Network([x for x in objects if x is not None])
        net.schedule = NEST_SCHEDULE
        return net

    def neuron(self, k: int) -> Mapping[str, Any]:
        neuron: Mapping[str, Any] = self.description["populations"][k]["neuron"]
        return neuron

    def group(self, k: int) -> Any:
        b, n = self.b, self.neuron(k)
        if n["model"] not in ("lif_delta", "lif_exp"):
            raise ValueError(f"to_brian2: {n['model']} has no simulation")
        drive, variance = 0.0, 0.0
        for i in self.description["inputs"]:
            if i["target"] == k and i["kind"] != "poisson":
                white = i.get("tau_syn") == 0 or (n["model"] == "lif_delta" and i.get("tau_syn") is None)
                if i["kind"] == "noise" and i["sigma"] > 0 and not white:
                    raise ValueError("to_brian2: coloured noise is not written; noise(tau_syn=0) is white")
                drive += i["drive"] if i["kind"] == "dc" else i["mean"]
                variance += 0.0 if i["kind"] == "dc" else i["sigma"] ** 2
        current = " + y_ex + y_in" if n["model"] == "lif_exp" else ""
        noise = " + sigma*tau_m**-0.5*xi" if variance > 0 else ""
        equations = f"dv/dt = (drive - v)/tau_m{current}{noise} : volt (unless refractory)"
        if current:
            equations += "\ndy_ex/dt = -y_ex/tau_syn_ex : volt/second\ndy_in/dt = -y_in/tau_syn_in : volt/second"
        volt, second = b.volt, b.second
        namespace = {"drive": drive * volt, "tau_m": n["tau_m"] * second, "sigma": np.sqrt(variance) * volt,
                     "V_th": n["V_th"] * volt, "V_reset": n["V_reset"] * volt, "tau_syn_ex": n["tau_syn_ex"] * second,
                     "tau_syn_in": n["tau_syn_in"] * second}
        # Brian2 clamps for one step less.
        refractory = (n["t_ref"] + self.dt) * second if n["t_ref"] > 0 else False
        group = b.NeuronGroup(self.sizes[k], equations, threshold="v > V_th", reset="v = V_reset", refractory=refractory,
                              method="euler" if noise else "exact", namespace=namespace, dt=self.dt * second,
                              name=f"nuphi_population_{k}*")
        group.v = self.random.uniform(n["V_reset"], n["V_th"], self.sizes[k]) * volt
        return group

    def receptor(self, target: int, weight: float) -> tuple[str, Any]:
        """The variable on which a spike acts, and the unit of a jump of the membrane there."""
        n = self.neuron(target)
        if n["model"] == "lif_delta":
            return "v", self.b.volt
        side = "ex" if weight >= 0 else "in"
        return f"y_{side}", self.b.volt / (n[f"tau_syn_{side}"] * self.b.second)

    def projection(self, k: int, p: Mapping[str, Any]) -> Any:
        b, source, target = self.b, self.groups[p["source"]], self.groups[p["target"]]
        if p["indegree"] == 0 or p["weight"] == 0:
            return None
        j = np.repeat(np.arange(len(target)), self.indegrees(p, len(source), len(target)))
        if len(j) == 0:
            return None
        i = self.random.integers(0, len(source), len(j))
        variable, unit = self.receptor(p["target"], p["weight"])
        synapses = b.Synapses(source, target, f"w : {'volt' if variable == 'v' else 'volt/second'} (constant)",
                              on_pre=f"{variable}_post += w", dt=self.dt * b.second, name=f"nuphi_projection_{k}*")
        synapses.connect(i=i, j=j)
        synapses.w = p["weight"] * (1 + p["weight_cv"] * self.random.standard_normal(len(j))) * unit
        # By the schedule of NEST a delay of 0 is one step.
        synapses.delay = np.maximum(self.delays(p["delay"], len(j)) - self.dt, 0) * b.second
        return synapses

    def indegrees(self, p: Mapping[str, Any], sources: int, targets: int) -> Any:
        K, r = p["indegree"], self.random
        if p["distribution"] == "binomial" and K <= sources:
            return r.binomial(sources, K / sources, targets)
        if p["distribution"] != "fixed":
            return r.poisson(K, targets)
        return int(K) + (r.random(targets) < K - int(K))

    def delays(self, d: Optional[Mapping[str, Any]], count: int) -> Any:
        r = self.random
        if d is None:
            return np.zeros(count)
        kind, mean, sd = d["distribution"], d["mean"], d["sd"]
        if kind == "uniform":
            return r.uniform(d["min"], d["max"], count)
        if kind == "exponential":
            return r.exponential(mean, count)
        if kind == "gamma":
            return r.gamma((mean / sd) ** 2, sd**2 / mean, count)
        if kind == "lognormal":
            spread = np.log1p((sd / mean) ** 2)
            return r.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), count)
        if kind in ("truncated_gaussian", "gaussian"):
            delays = r.normal(mean, sd, count)
            while np.any(delays < 0):
                delays[delays < 0] = r.normal(mean, sd, int(np.sum(delays < 0)))
            return delays
        return np.full(count, mean)

    def input(self, k: int, p: Mapping[str, Any]) -> Any:
        if p["kind"] != "poisson" or p["indegree"] * p["rate"] * p["weight"] == 0:
            return None
        if p.get("tau_syn") is not None:
            raise ValueError("to_brian2: Poisson input with a tau_syn of its own is not written")
        # Jumps that differ have the mean and variance of larger ones that are fewer.
        spread = 1 + p["weight_cv"] ** 2
        total, weight = p["indegree"] * p["rate"] / spread, p["weight"] * spread
        sources = int(np.ceil(max(p["indegree"], total * self.dt / MOST_SPIKES_A_STEP, 1)))
        variable, unit = self.receptor(p["target"], weight)
        return self.b.PoissonInput(self.groups[p["target"]], variable, N=sources, rate=total / sources * self.b.Hz,
                                   weight=weight * unit)


@dataclass(frozen=True)
class Comparison:
    """Theory beside a simulation, by population."""

    populations: tuple[str, ...]
    theory: Any  #: [Hz]
    simulation: Any  #: mean over seeds and time [Hz]
    standard_error: Any  #: over time bins of all seeds [Hz]
    settings: Mapping[str, Any]

    @property
    def z(self) -> Any:
        """(simulation - theory)/standard error; without a sign of chance where it is beyond 3."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.simulation == self.theory, 0.0, (self.simulation - self.theory) / self.standard_error)

    def report(self) -> str:
        width = max([len(n) for n in self.populations] + [len("population")])
        lines = [f"{'population':{width}}  theory (Hz)  simulation (Hz)  standard error     z"]
        for k, name in enumerate(self.populations):
            lines.append(f"{name:{width}}  {self.theory[k]:11.6g}  {self.simulation[k]:15.6g}  {self.standard_error[k]:14.2g}"
                         f"  {self.z[k]:4.1f}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        return {"populations": list(self.populations), "theory": self.theory.tolist(), "simulation": self.simulation.tolist(),
                "standard_error": self.standard_error.tolist(), "z": self.z.tolist(), "settings": dict(self.settings)}

    def __repr__(self) -> str:
        return self.report()


def compare(network: "Network", tool: str, *, size: Optional[float], seeds: int, duration: float, warmup: float, bins: int,
            dt: float) -> Comparison:
    """See :meth:`nuphi.Network.compare`."""
    if tool != "brian2":
        raise ValueError(f"compare: {tool!r} is none of brian2")
    state = network.solve(check=True)
    import brian2
    rates = []
    for seed in range(1, seeds + 1):
        builder = _Builder(network, size, dt, seed)
        net = builder.build()
        counters = [brian2.SpikeMonitor(g, record=False) for g in builder.groups]
        net.add(*counters)
        net.run(warmup * brian2.second)
        for _ in range(bins):
            before = [int(c.num_spikes) for c in counters]
            net.run(duration / bins * brian2.second)
            rates.append([(int(c.num_spikes) - b) / n / (duration / bins) for c, b, n in zip(counters, before, builder.sizes)])
    table = np.array(rates)
    error = table.std(axis=0, ddof=1) / np.sqrt(len(table)) if len(table) > 1 else np.full(table.shape[1], np.nan)
    return Comparison(network.populations, np.array(state.rates), table.mean(axis=0), error,
                      {"tool": f"brian2 {brian2.__version__}", "size": sum(builder.sizes), "seeds": seeds, "duration": duration,
                       "warmup": warmup, "bins": bins, "dt": dt})
