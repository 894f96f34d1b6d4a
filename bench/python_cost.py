#!/usr/bin/env python3
"""What calls from Python cost, beside the same in C++: the table of docs/python.md.

    PYTHONPATH=build/release/python /usr/bin/python3 bench/python_cost.py [build/bench/bench/python_twins]

Processor time, the best of several runs.
"""

import pathlib
import subprocess
import sys
import time
import tracemalloc

import numpy as np

import nuphi
from nuphi.units import mV

MODELS = pathlib.Path(__file__).resolve().parents[1] / "examples" / "models"
RUNS = 7


def best(calls, job):
    """Seconds of one call."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        for _ in range(calls):
            job()
        times.append((time.process_time() - start) / calls)
    return min(times)


def import_time(module):
    code = f"import time; t = time.process_time(); import {module}; print(time.process_time() - t)"
    return min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
               for _ in range(RUNS))


def peak_memory(job):
    """Bytes of NumPy's arrays that a call holds at most, its result included."""
    tracemalloc.start()
    result = job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / result.rate.nbytes


def main():
    twins = {}
    if len(sys.argv) > 1:
        out = subprocess.run([sys.argv[1], MODELS / "microcircuit.yaml"], capture_output=True, text=True, check=True).stdout
        twins = {name: float(value) for name, value in (line.split() for line in out.splitlines())}
    million, eight = (np.linspace(10, 30, n) * mV for n in (1_000_000, 8))
    microcircuit = nuphi.load(MODELS / "microcircuit.yaml")
    brunel = nuphi.load(MODELS / "brunel2000.yaml")
    rates, brunel_rates = microcircuit.solve().rates, brunel.solve().rates
    keywords = dict(tau_m=20e-3, V_th=20e-3)
    rows = [
        (f"`import nuphi`; {text(import_time('numpy'))} of it numpy", import_time("nuphi"), None),
        ("`siegert(mu, sigma)` of numbers", best(20000, lambda: nuphi.siegert(21e-3, 5e-3)), None),
        ("the same with two keywords", best(20000, lambda: nuphi.siegert(21e-3, 5e-3, **keywords)), None),
        ("`siegert` of 8 neurons, two keywords", best(20000, lambda: nuphi.siegert(eight, 5e-3, **keywords)), None),
        ("`siegert` of 1e6 neurons", best(1, lambda: nuphi.siegert(million, 5e-3)), twins.get("points")),
        ("`microcircuit.solve()`", best(50, microcircuit.solve), twins.get("microcircuit")),
        ("`microcircuit.solve(initial=rates)`", best(200, lambda: microcircuit.solve(initial=rates)), twins.get("warm")),
        ("`brunel.solve(initial=rates)`", best(1000, lambda: brunel.solve(initial=brunel_rates)), None),
        ("`brunel.set(g=5.1).solve(initial=rates)`", best(300, lambda: brunel.set(g=5.1).solve(initial=brunel_rates)), None),
    ]
    print("| call | Python | C++ |\n|---|---|---|")
    for name, seconds, twin in rows:
        print(f"| {name} | {text(seconds)} | {'' if twin is None else text(twin)} |")
    print(f"\narrays held for 1e6 neurons: {peak_memory(lambda: nuphi.siegert(million, 5e-3)):.2f} times the result")


def text(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


if __name__ == "__main__":
    main()
