"""Parameters of models and neurons."""

from __future__ import annotations

from typing import Dict, Iterator, Mapping, Tuple

from .quantities import Number


class Parameter(float):
    """A parameter of a model: a float, its value in SI, that knows its name and unit."""

    name: str
    dimension: str  #: SI unit, "1" when dimensionless
    unit: str  #: it was written with
    is_expression: bool  #: it follows from other parameters

    def __new__(cls, name: str, value: float, dimension: str, unit: str, is_expression: bool) -> Parameter:
        self = super().__new__(cls, value)
        self.name, self.dimension, self.unit, self.is_expression = name, dimension, unit, is_expression
        return self

    def __getnewargs__(self) -> Tuple[str, float, str, str, bool]:  # type: ignore[override]
        return self.name, self.value, self.dimension, self.unit, self.is_expression

    @property
    def value(self) -> float:
        """SI"""
        return float(self)

    def __repr__(self) -> str:
        return f"{self.name} = {self.value:g} {'' if self.dimension == '1' else self.dimension}".rstrip()


class Neuron(Dict[str, Number]):
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
        return "\n".join(repr(p) for p in self.values())
