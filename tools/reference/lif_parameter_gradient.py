#!/usr/bin/env python3
"""Writes tests/data/lif_parameter_gradient.csv: derivatives of the stationary rate in the neuron's parameters.

    python3 tools/reference/lif_parameter_gradient.py > tests/data/lif_parameter_gradient.csv

Nothing is differentiated by formula: ln nu (nu with `taylor`) is differenced with a step so small, and so many digits, that
30 digits are left (20 with `adiabatic`, whose rate adiabatic.py integrates with 45 digits). The integral of the others is

    int_0^x e^{s^2} (1 + erf s) ds = (sqrt(pi)/2) erfi(x) + (x^2/sqrt(pi)) 2F2(1, 1; 3/2, 2; x^2).

Inputs are exact in binary (17 digits). Needs mpmath only.
"""
import functools
import os
import random
import sys

from mpmath import mp, mpf, erfc, erfi, exp, hyp2f2, log, pi, sqrt, zeta

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import adiabatic  # noqa: E402


@functools.lru_cache(maxsize=64)  # most steps move one end of the integral alone
def primitive(x):
    return sqrt(pi) / 2 * erfi(x) + x * x / sqrt(pi) * hyp2f2(1, 1, mpf(3) / 2, 2, x * x)


def f(y):
    return exp(y * y) * erfc(-y)


def log_rate(correction, mu, sigma, tau_m, t_ref, v_th, v_reset, tau_syn):
    c = abs(zeta(mpf(1) / 2)) / sqrt(mpf(2)) * sqrt(tau_syn / tau_m)
    c_reset = c * exp(-t_ref / tau_syn) if correction == "shift_refractory" else c
    if correction in ("none", "taylor"):
        c_reset = c_threshold = mpf(0)
    else:
        c_threshold = c
    y_t, y_r = (v_th - mu) / sigma + c_threshold, (v_reset - mu) / sigma + c_reset
    rate = 1 / (t_ref + tau_m * sqrt(pi) * (primitive(y_t) - primitive(y_r)))
    if correction == "taylor":
        return rate - c * rate**2 * tau_m * sqrt(pi) * (f(y_t) - f(y_r))  # the rate: it may be negative
    return log(rate)


def derivatives(function, arguments, steps):
    """By central differences of sixth order."""
    result = []
    for k, step in enumerate(steps, start=2):
        def at(n):
            moved = list(arguments)
            moved[k] += n * step
            return function(*moved)
        result.append((45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + (at(3) - at(-3))) / (60 * step))
    return result


def row(correction, inputs):
    """ln|nu|, nu and d nu/dp over nu."""
    sigma, tau_m, length, tau_syn = inputs[1], inputs[2], inputs[4] - inputs[5], inputs[6]
    sizes = [tau_m, tau_m, min(sigma, length), min(sigma, length), tau_syn]
    if correction == "adiabatic":
        mp.dps = 45
        function = lambda mu, sigma, tau_m, t_ref, v_th, v_reset, tau_syn: adiabatic.row(
            mu, sigma, v_th, v_reset, tau_m, t_ref, tau_syn)[1]
        arguments = [mpf(x) for x in inputs]
        value = function(*arguments)
        return value, exp(value), derivatives(function, arguments, [mpf(10) ** -5 * mpf(x) for x in sizes])
    largest = max(abs(inputs[k] - inputs[0]) / sigma for k in (4, 5)) + 2 + 2 * (tau_syn / tau_m) ** 0.5
    mp.dps = int(90 + 0.6 * largest**2)
    primitive.cache_clear()
    arguments = [mpf(x) for x in inputs]
    value = log_rate(correction, *arguments)
    slopes = derivatives(lambda *x: log_rate(correction, *x), arguments, [mpf(10) ** -9 * mpf(x) for x in sizes])
    if correction == "taylor":
        return log(abs(value)), value, [slope / value for slope in slopes]
    return value, exp(value), slopes


def cases():
    random.seed(20240607)
    log_uniform = lambda low, high: low * (high / low) ** random.random()
    neuron = lambda: (random.uniform(0.005, 0.03), random.choice([0.0, 0.002, 0.005]), 0.02, random.choice([0.0, 0.01]))
    for correction in ("none", "shift", "shift_refractory", "taylor"):
        for _ in range(8):  # volts and seconds
            yield ("cortical", correction, random.uniform(0.0, 0.04), log_uniform(1e-3, 2e-2), *neuron(), log_uniform(1e-4, 5e-3))
        for _ in range(3):  # large sigma
            yield ("hugesig", correction, random.uniform(-0.02, 0.04), log_uniform(0.1, 10), *neuron(), log_uniform(1e-4, 5e-3))
        for _ in range(4):  # both ends far above or below
            yield ("above", correction, 0.02 + random.uniform(8, 18) * 0.002, 0.002, *neuron(), log_uniform(1e-4, 5e-3))
        for _ in range(3):
            yield ("thin", correction, random.uniform(0.0, 0.04), log_uniform(2e-3, 2e-2), 0.01, random.choice([0.0, 0.002]),
                   0.02, 0.02 - log_uniform(1e-8, 1e-4), 0.001)
        for _ in range(2):
            yield ("saturated", correction, 0.1, 0.01, 1e-4, 0.01, 0.02, 0.015, 1e-5)
    for correction in ("none", "shift", "shift_refractory"):
        for _ in range(4):  # rates down to 1e-260, reset close behind or far
            yield ("deep", correction, 0.02 - random.uniform(6, 24) * 0.001, 0.001, 0.02, 0.002, 0.02,
                   0.02 - log_uniform(1e-4, 2e-2), log_uniform(1e-4, 2e-3))
    for _ in range(14):
        yield ("cortical", "adiabatic", random.uniform(0.0, 0.05), log_uniform(2e-3, 2e-2), *neuron(), log_uniform(0.005, 0.5))
    for _ in range(4):
        yield ("above", "adiabatic", log_uniform(12, 1e3), 1.0, 1.0, random.choice([0.1, 10.0]), 0.0, -log_uniform(1e-2, 1e3), 0.5)
    for _ in range(4):
        yield ("deep", "adiabatic", -random.uniform(8, 30) * 0.25, 0.25, 1.0, 0.125, 0.0, -log_uniform(1e-1, 1e2), 0.5)
    for k in range(4):
        yield ("wide_range", "adiabatic", random.uniform(-3, 3), 1.0, 1.0, [0.1, 100.0][k % 2], 0.0,
               -[1e-6, 1e-3, 1e3, 1e6][k], 0.5)


def main():
    print("# Rate of a LIF neuron and its derivatives in the parameters of the neuron, relative to the rate (d nu/dp / nu).")
    print("# Written by tools/reference/lif_parameter_gradient.py, 20 digits printed.")
    print("# SI units, or any coherent ones.")
    names = ["tau_m", "t_ref", "V_th", "V_reset", "tau_syn"]
    print("regime,correction,mu,sigma," + ",".join(names) + ",log_abs_rate,rate," + ",".join("d_" + x for x in names))
    for regime, correction, *inputs in cases():
        log_abs, rate, slopes = row(correction, inputs)
        print(",".join([regime, correction] + [repr(float(x)) for x in inputs] +
                       [mp.nstr(x, 20) for x in [log_abs, rate] + slopes]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
