"""What a NeuronGroup of Brian2 says, as parameters of a LIF neuron: its equations are read symbolically."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Optional

import numpy as np

Refuse = Callable[[str, str], None]  #: name of the object, why


class Unreadable(Exception):
    """An expression holds what has no value; the text says what."""


# Names of Brian2's own that stand for what differs from step to step or from neuron to neuron.
CHANGING = ("t", "dt", "i", "j", "N", "N_pre", "N_post", "N_incoming", "N_outgoing", "t_in_timesteps", "lastspike",
            "not_refractory", "xi", "rand", "_placeholder_arg")


def moves(variable: Any) -> bool:
    """Whether an equation of its owner, another group where it is linked or of pre- or postsynaptic neurons, moves it."""
    owner = getattr(variable, "owner", None)
    for equations in (getattr(owner, "equations", None), getattr(owner, "event_driven", None)):
        if variable.name in (getattr(equations, "diff_eq_names", None) or ()):
            return True
    return False


def statements(code: str) -> list[str]:
    """Of a piece of code, without comments."""
    lines = [line.split("#", 1)[0] for line in code.split("\n")]
    return [s.strip() for line in lines for s in line.split(";") if s.strip()]


class Values:
    """Numbers behind the names of an expression, in SI: of the object, its namespace, the caller's."""

    def __init__(self, owner: Any, namespace: Mapping[str, Any]) -> None:
        from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
        self._owner = owner
        self._spaces = [getattr(owner, "namespace", None) or {}, namespace, DEFAULT_UNITS, DEFAULT_CONSTANTS]

    def of(self, name: str) -> Any:
        if name in CHANGING:
            raise Unreadable(f"`{name}` is no constant")
        variable = getattr(self._owner, "variables", {}).get(name)
        if variable is not None:
            if moves(variable):
                raise Unreadable(f"`{name}` changes in time")
            if type(variable).__name__ in ("ArrayVariable", "DynamicArrayVariable"):
                return np.asarray(getattr(self._owner, name)[:], dtype=float)
            if type(variable).__name__ == "Constant":
                return float(variable.get_value())
        for space in self._spaces:
            if name in space and not hasattr(getattr(space[name], "implementations", None), "keys"):
                try:
                    return np.asarray(getattr(space[name], "value", space[name]), dtype=float)
                except (TypeError, ValueError):
                    break
        raise Unreadable(f"`{name}` has no constant value")

    def evaluate(self, expression: Any) -> Any:
        """A number, or one value a neuron or synapse."""
        import sympy
        names = sorted(str(s) for s in expression.free_symbols)
        function = sympy.lambdify([sympy.Symbol(n) for n in names], _plain(expression), "numpy")
        return np.asarray(function(*[self.of(n) for n in names]), dtype=float)

    def text(self, text: str) -> Any:
        return self.evaluate(_sympy(text))


def _plain(expression: Any) -> Any:
    """Without assumptions about its symbols, functions by their names."""
    import sympy
    known = {"sqrt": sympy.sqrt, "exp": sympy.exp, "log": sympy.log}
    expression = expression.subs({s: sympy.Symbol(str(s)) for s in expression.free_symbols})
    return expression.replace(lambda e: isinstance(e, sympy.core.function.AppliedUndef) and str(e.func) in known,
                              lambda e: known[str(e.func)](*e.args))


def _sympy(text: str) -> Any:
    from brian2.parsing.sympytools import str_to_sympy
    try:
        return _plain(str_to_sympy(text))
    except Exception as error:  # SyntaxError and others of sympy's
        raise Unreadable(f"{text!r} is not read") from error


@dataclass
class Current:
    """A synaptic variable s, ds/dt = -s/tau, that drives the membrane by dv/dt = ... + gain s."""

    tau: Any
    gain: Any
    is_current: bool  #: in ampere: gain = 1/C_m


@dataclass
class GroupReading:
    """Each number is one value, or one a neuron."""

    name: str
    size: int
    membrane: str
    tau_m: Any
    rest: Any
    V_th: Any
    V_reset: Any
    t_ref: Any
    sigma: Any = 0.0
    currents: dict[str, Current] = field(default_factory=dict)


def read_group(group: Any, namespace: Mapping[str, Any], refuse: Refuse) -> Optional[GroupReading]:
    """None where it is no LIF neuron; every reason has been given to `refuse`."""
    faults: list[str] = []
    reading = None
    try:
        reading = _Reader(group, Values(group, namespace), faults).read()
    except Unreadable as error:
        faults.append(str(error))
    for fault in dict.fromkeys(faults):
        refuse(str(group.name), fault)
    return None if faults else reading


class _Reader:
    def __init__(self, group: Any, values: Values, faults: list[str]) -> None:
        self.group, self.values, self.faults = group, values, faults
        self.equations = group.user_equations
        self.variables = set(self.equations.diff_eq_names)
        self.rates = {n: e for n, e in self.equations.get_substituted_expressions() if n in self.variables}

    def number(self, expression: Any, what: str) -> Any:
        try:
            return self.values.evaluate(expression)
        except Unreadable as error:
            self.faults.append(f"{what}: {error}")
        except Exception:  # whatever sympy or numpy make of other expressions
            self.faults.append(f"{what}: {expression} cannot be evaluated")
        return np.nan

    def read(self) -> Optional[GroupReading]:
        membrane, threshold = self.threshold()
        if membrane is None:
            return None
        reset = self.reset(membrane)
        if "unless refractory" not in self.equations[membrane].flags and self.group._refractory is not False:
            self.faults.append(f"{membrane} moves while the neuron is refractory: add (unless refractory)")
        for other in self.group.contained_objects:
            if type(other).__name__ not in ("Thresholder", "Resetter", "StateUpdater", "SubexpressionUpdater"):
                self.faults.append(f"{other.name}: nothing else may act on the neurons")
        drift, noise = self.drift(membrane)
        if drift is None:
            return None
        return self.linear(membrane, drift, noise, threshold, reset)

    def threshold(self) -> tuple[Optional[str], Any]:
        import sympy
        text = self.group.events.get("spike")
        match = re.fullmatch(r"\s*(\w+)\s*>=?\s*(.+)", text or "", re.S)
        if match is None or match.group(1) not in self.variables:
            self.faults.append(f"threshold {text!r}: `v > value` is read, v a variable of an equation")
            return None, np.nan
        level = _sympy(match.group(2))
        moving = {str(s) for s in level.free_symbols} & self.variables
        if moving:
            self.faults.append(f"the threshold is no constant: {', '.join(sorted(moving))} has an equation")
            return match.group(1), np.nan
        return match.group(1), self.number(sympy.sympify(level), "threshold")

    def reset(self, membrane: str) -> Any:
        text = self.group.event_codes.get("spike", "")
        own = []
        for statement in statements(text or ""):
            if re.match(rf"{membrane}\s*=[^=]", statement):
                own.append(statement)
            elif re.match(rf"{membrane}\s*[-+*/]=", statement):
                self.faults.append(f"{statement!r} in the reset: {membrane} is changed there, not set")
            else:
                self.faults.append(f"{statement!r} in the reset: only the membrane is set there")
        if len(own) != 1:
            if not self.faults:
                self.faults.append(f"reset {text!r}: one statement `{membrane} = value` is read")
            return np.nan
        return self.number(_sympy(own[0].split("=", 1)[1]), "reset")

    def drift(self, membrane: str) -> tuple[Any, Any]:
        expression, noise = self.rates[membrane], None
        if expression.stochastic_variables:
            parts = expression.split_stochastic()
            if len(parts[1]) != 1:
                self.faults.append("several noises: one xi is read")
                return None, None
            expression, noise = parts[0], _sympy(next(iter(parts[1].values())).code)
        return _sympy(expression.code if expression is not None else "0"), noise

    def linear(self, membrane: str, drift: Any, noise: Any, threshold: Any, reset: Any) -> Optional[GroupReading]:
        import sympy
        v = sympy.Symbol(membrane)
        slope = sympy.diff(drift, v)
        if slope == 0:
            self.faults.append(f"no leak: d{membrane}/dt does not depend on {membrane}")
            return None
        if v in slope.free_symbols:
            self.faults.append(f"d{membrane}/dt is not linear in {membrane}: {sympy.simplify(drift)}")
            return None
        multiplied = {str(s) for s in slope.free_symbols} & self.variables
        if multiplied:
            self.faults.append(f"d{membrane}/dt multiplies {membrane} by {', '.join(sorted(multiplied))}: conductances "
                               "have no theory here")
            return None
        tau_m = -1 / self.number(slope, "time constant of the membrane")
        currents = self.currents(membrane, drift)
        zero = {sympy.Symbol(n): 0 for n in self.variables}
        rest = self.number(drift.subs(zero), "constant drive") * tau_m
        if not np.all(np.asarray(tau_m) > 0):
            self.faults.append(f"{membrane} grows by itself: d{membrane}/dt has a positive slope")
        if self.faults:
            return None
        sigma = 0.0 if noise is None else np.abs(self.number(noise, "noise")) * np.sqrt(tau_m)
        t_ref = self.t_ref()
        if self.faults:
            return None
        return GroupReading(str(self.group.name), len(self.group), membrane, tau_m, rest, threshold, reset, t_ref, sigma,
                            currents)

    def currents(self, membrane: str, drift: Any) -> dict[str, Current]:
        import sympy
        found = {}
        for name in sorted(self.variables - {membrane}):
            s = sympy.Symbol(name)
            gain = sympy.diff(drift, s)
            if gain == 0:
                continue
            own = _sympy(self.rates[name].code) if not self.rates[name].stochastic_variables else None
            if own is None:
                self.faults.append(f"d{name}/dt has noise")
                continue
            others = {str(x) for x in own.free_symbols} & (self.variables - {name})
            if others:
                self.faults.append(f"d{name}/dt depends on {', '.join(sorted(others))}: one exponential is read")
                continue
            decay = sympy.diff(own, s)
            if s in decay.free_symbols or sympy.simplify(own - decay * s) != 0:
                self.faults.append(f"d{name}/dt is no exponential decay")
                continue
            if "unless refractory" in self.equations[name].flags:
                self.faults.append(f"{name} stands still while the neuron is refractory: without (unless refractory) it is read")
                continue
            if {str(x) for x in gain.free_symbols} & self.variables:
                self.faults.append(f"d{membrane}/dt is not linear in {name}")
                continue
            found[name] = Current(-1 / self.number(decay, f"time constant of {name}"),
                                  self.number(gain, f"gain of {name}"), self.is_current(name))
        return found

    def is_current(self, name: str) -> bool:
        from brian2 import amp, have_same_dimensions
        return bool(have_same_dimensions(self.equations[name].dim, amp.dim))

    def t_ref(self) -> Any:
        refractory = self.group._refractory
        if refractory is False:
            return 0.0
        if isinstance(refractory, str):
            try:
                if not re.search(r"[<>=]|\bnot\b|\band\b|\bor\b", refractory):
                    return self.values.text(refractory)
            except Exception:  # whatever sympy or numpy make of other expressions
                pass
            self.faults.append(f"refractory {refractory!r} is no constant time")
            return np.nan
        return np.asarray(refractory, dtype=float)
