"""Figures with matplotlib: each takes axes, or makes them, and returns them."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import numpy as np

_SIZE = (4.2, 3.0)  # inches; a column of a paper
_MARKERS = {"fold": "o", "branch_point": "s", "hopf": "^", "cusp": "D"}


def _axes(axes: Any, size: tuple[float, float] = _SIZE) -> Any:
    if axes is not None:
        return axes
    import matplotlib.pyplot as plt

    _, made = plt.subplots(figsize=size, constrained_layout=True)
    for side in ("top", "right"):
        made.spines[side].set_visible(False)
    return made


def _label(model: Any, parameter: str) -> tuple[str, float]:
    unit, factor = model.display_unit(parameter)
    return (f"{parameter} ({unit})" if unit else parameter), factor


def rates(state: Any, axes: Any = None, simulation: Any = None) -> Any:
    axes = _axes(axes)
    axes.bar(state.populations, state.rates, color="0.55", width=0.65, label="theory")
    if simulation is not None:
        axes.plot(state.populations, np.asarray(simulation), "o", color="C3", markersize=5, label="simulation")
        axes.legend(frameon=False)
    axes.set_ylabel("rate (Hz)")
    axes.set_xlabel("population")
    return axes


def _runs(stable: Sequence[Any]) -> list[tuple[int, int, Any]]:
    """(first, end, value) of each run of equal values."""
    starts = [k for k in range(len(stable)) if k == 0 or stable[k] != stable[k - 1]]
    return [(a, b, stable[a]) for a, b in zip(starts, starts[1:] + [len(stable)])]


def branch(result: Any, axes: Any = None, population: Optional[str] = None) -> Any:
    axes = _axes(axes)
    names = result.model.populations
    label, factor = _label(result.model, result.parameter)
    counted = len(result.unstable_modes) == len(result)
    stable = [m == 0 for m in result.unstable_modes] if counted else list(result.stable)
    seen: set[bytes] = set()
    for i in [names.index(population)] if population else range(len(names)):
        line = result.rates[:, i].tobytes()
        if line in seen:
            continue  # populations with equal rates are drawn once
        seen.add(line)
        same = [names[k] for k in range(len(names)) if np.array_equal(result.rates[:, k], result.rates[:, i])]
        color = f"C{i}"
        for first, end, is_stable in _runs(stable):
            axes.plot(result.value[first:end + 1] / factor, result.rates[first:end + 1, i], color=color,
                      linestyle="-" if is_stable else "--", linewidth=1.4,
                      label=", ".join([population] if population else same) if first == 0 else None)
        for point in result.special:
            axes.plot(point.value / factor, point.rates[i], _MARKERS.get(point.type, "o"), color=color, markersize=5)
            text = point.type.replace("_", " ").replace("hopf", "Hopf")
            if point.frequency is not None:
                text += f" {point.frequency:.0f} Hz"
            axes.annotate(text, (point.value / factor, point.rates[i]), textcoords="offset points", xytext=(6, 4),
                          fontsize="x-small", color="0.25")
    axes.set_xlabel(label)
    axes.set_ylabel("rate (Hz)")
    if len(seen) > 1:
        axes.legend(frameon=False)
    return axes


def curves(result: Any, axes: Any = None) -> Any:
    axes = _axes(axes)
    first, factor = _label(result.model, result.parameter)
    second, second_factor = _label(result.model, result.second_parameter)
    named: set[str] = set()
    for curve in result.curves:
        kind = {"fold": "folds", "hopf": "Hopf points"}[curve.type]
        axes.plot(curve.value / factor, curve.second_value / second_factor, linewidth=1.4,
                  color="C0" if curve.type == "fold" else "C3", label=None if kind in named else kind)
        named.add(kind)
        for p, q in curve.cusps:
            axes.plot(p / factor, q / second_factor, _MARKERS["cusp"], color="C0", markersize=5,
                      label=None if "cusp" in named else "cusp")
            named.add("cusp")
    axes.set_xlabel(first)
    axes.set_ylabel(second)
    axes.legend(frameon=False)
    return axes


def eigenvalues(stability: Any, axes: Any = None) -> Any:
    axes = _axes(axes)
    growth = stability.growth_rates
    axes.axvline(0, color="0.7", linewidth=0.8)
    axes.scatter(growth, stability.frequencies, c=np.where(growth > 0, "C3", "C0"), s=16)
    axes.set_xlabel("growth rate (1/s)")
    axes.set_ylabel("frequency (Hz)")
    return axes


def spectra(result: Any, axes: Any = None, log: bool = False) -> Any:
    axes = _axes(axes)
    for i, name in enumerate(result.populations):
        axes.plot(result.frequencies, result.power[:, i], label=name, linewidth=1.2)
    if log:
        axes.set_yscale("log")
    axes.set_xlabel("frequency (Hz)")
    axes.set_ylabel("power (Hz)")
    axes.legend(frameon=False, fontsize="small", ncol=2 if len(result.populations) > 4 else 1)
    return axes


def matrix(values: Any, rows: Sequence[str], columns: Sequence[str], label: str, axes: Any = None) -> Any:
    axes = _axes(axes, (1.8 + 0.32 * len(columns), 1.2 + 0.26 * len(rows)))
    largest = np.nanmax(np.abs(values), initial=1e-300)
    image = axes.imshow(values, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.figure.colorbar(image, ax=axes, label=label)
    return axes


def distributions(result: Any, axes: Any = None) -> Any:
    axes = _axes(axes)
    shares = np.linspace(0.001, 0.999, 200)
    for name in result.model.populations:
        axes.plot(result.quantile(name, shares), shares, label=name, linewidth=1.2)
    axes.set_xlabel("rate (Hz)")
    axes.set_ylabel("share of neurons below")
    axes.legend(frameon=False, fontsize="small")
    return axes
