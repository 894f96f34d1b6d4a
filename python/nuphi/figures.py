"""Figures with matplotlib: each takes axes (or makes them) and returns them."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np


def _axes(axes: Any) -> Any:
    if axes is not None:
        return axes
    import matplotlib.pyplot as plt

    _, made = plt.subplots(figsize=(4.5, 3.2), constrained_layout=True)
    for side in ("top", "right"):
        made.spines[side].set_visible(False)
    return made


def rates(state: Any, axes: Any = None) -> Any:
    axes = _axes(axes)
    axes.bar(state.populations, state.rates, yerr=None, color="0.35", width=0.65)
    axes.set_ylabel("rate (Hz)")
    axes.set_xlabel("population")
    return axes


def branch(result: Any, axes: Any = None, population: Optional[str] = None) -> Any:
    axes = _axes(axes)
    names = result.model.populations
    shown = [names.index(population)] if population else range(len(names))
    unit, factor = result.model.display_unit(result.parameter)
    for i in shown:
        color = f"C{i}"
        start = 0
        for k in range(1, len(result) + 1):
            if k == len(result) or result.stable[k] != result.stable[start]:
                last = min(k + 1, len(result))
                axes.plot(result.value[start:last] / factor, result.rates[start:last, i], color=color,
                          linestyle="-" if result.stable[start] else "--",
                          label=names[i] if start == 0 else None)
                start = k
        for point in result.special:
            axes.plot(point.value / factor, point.rates[i], "o", color=color, markersize=4)
            axes.annotate(point.type.replace("_", " "), (point.value / factor, point.rates[i]),
                          textcoords="offset points", xytext=(5, 5), fontsize="small")
    axes.set_xlabel(f"{result.parameter} ({unit})" if unit else result.parameter)
    axes.set_ylabel("rate (Hz)")
    if len(list(shown)) > 1:
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
    axes.legend(frameon=False, ncol=2 if len(result.populations) > 4 else 1)
    return axes
