#!/usr/bin/env python3
"""Writes tests/data/adiabatic.csv: the rate of a LIF neuron with slow synapses and its derivatives.

    python3 tools/reference/adiabatic.py > tests/data/adiabatic.csv

nu = int nu_0(mu + s z) exp(-z^2/2)/sqrt(2 pi) dz, s = sigma sqrt(tau_m/(2 tau_syn)), nu_0 the noiseless rate. The integral
over the current above threshold, x = (m - V_th)/s, is taken by Gauss-Legendre quadrature in ln x (or in z, far above
threshold) in short pieces with 45 digits; the derivatives are integrals with the weights z and z^2 - 1, a different road
than differencing the rate, which is done for every 10th row as a check. Inputs are exact in binary (17 digits). Needs mpmath only.
"""
import random
import sys

from mpmath import mp, mpf, exp, floor, log, log1p, pi, sqrt
from mpmath.calculus.quadrature import GaussLegendre

mp.dps = 45
NODES = GaussLegendre(mp).calc_nodes(5, mp.prec)  # 48 nodes a piece


def integrate(f, points):
    """Integrals of the components of f over the pieces between the points."""
    sums = [mpf(0)] * 3
    for low, high in zip(points, points[1:]):
        half, middle = (high - low) / 2, (high + low) / 2
        for node, weight in NODES:
            sums = [total + weight * half * value for total, value in zip(sums, f(middle + half * node))]
    return sums


def pieces(low, high, width):
    count = int(floor((high - low) / width)) + 1
    return [low + (high - low) * k / count for k in range(count + 1)]


def moments(a, lam, rho):
    """int w g, int w u g, int w (u^2 - 1) g over x > 0, u = a + x, w = exp(-(u^2 - max(a,0)^2)/2)."""
    shift = a * a / 2 if a > 0 else mpf(0)

    def triple(x):
        u = a + x
        f = exp(shift - u * u / 2) / (rho + log1p(lam / x))
        return f, f * u, f * (u * u - 1)

    def triple_of_log(t):
        x = exp(t)
        return [x * f for f in triple(x)]

    if a < -17:
        return integrate(lambda u: triple(u - a), pieces(mpf(-15), mpf(15), mpf(1)))
    top = log(220 / (a + sqrt(a * a + 220))) if a > 0 else log(15 - a)
    middle = min(top - 3, mpf(0))
    width = mpf(1) / 2 if a > -2 else -1 / a
    return integrate(triple_of_log, pieces(mpf(-100), middle, mpf(2)) + pieces(middle, top, width)[1:])


def row(mu, sigma, v_th, v_reset, tau_m, t_ref, tau_syn):
    s = sigma * sqrt(tau_m / (2 * tau_syn))
    a = (v_th - mu) / s
    m0, m1, m2 = moments(a, (v_th - v_reset) / s, t_ref / tau_m)
    log_rate = log(m0 / tau_m / sqrt(2 * pi)) - (a * a / 2 if a > 0 else 0)
    rate = exp(log_rate)
    l_mu, l_sigma = m1 / m0 / s, m2 / m0 / sigma
    return rate, log_rate, rate * l_mu, rate * l_sigma, l_mu, l_sigma


def check(inputs, result):
    def log_rate(mu, sigma):
        return row(mu, sigma, *inputs[2:])[1]

    for n, order in ((4, (1, 0)), (5, (0, 1))):
        scale = inputs[1] * mpf(10) ** -7
        point = list(inputs[:2])

        def shifted(k):
            moved = list(point)
            moved[order.index(1)] += k * scale
            return log_rate(*moved)

        slope = (8 * (shifted(1) - shifted(-1)) - (shifted(2) - shifted(-2))) / (12 * scale)
        assert abs(slope - result[n]) < mpf(10) ** -20 * (abs(slope) + 1 / inputs[1]), (inputs, slope, result[n])


def cases():
    random.seed(20240131)
    log_uniform = lambda low, high: low * (high / low) ** random.random()
    for _ in range(120):  # volts and seconds
        yield ("cortical", random.uniform(-0.01, 0.06), log_uniform(5e-4, 0.02), 0.02, random.choice([0.0, 0.01]),
               random.choice([0.01, 0.02]), random.choice([0.0, 0.002]), log_uniform(0.002, 0.5))
    for _ in range(60):  # the reset far or near in units of s, t_ref large or none
        s = log_uniform(1e-8, 1e8)
        yield ("wide_range", random.uniform(-9, 9) * s, s, 0.0, -1.0, 1.0, random.choice([0.0, log_uniform(1e-4, 1e4)]), 0.5)
    for _ in range(50):  # rates down to 1e-600
        yield ("deep", -random.uniform(8, 50) * 0.25, 0.25, 0.0, -log_uniform(1e-2, 1e2), 1.0, 0.125, 0.5)
    for _ in range(60):  # around the border between the two rules, and far above it
        yield ("above", log_uniform(5, 1e4), 1.0, 0.0, -log_uniform(1e-3, 1e3), 1.0, random.choice([0.0, 0.1, 10.0]), 0.5)
    for _ in range(20):
        yield ("threshold", 0.0, log_uniform(1e-6, 1e6), 0.0, -1.0, 1.0, 0.1, 0.5)


def main():
    print("# Rate of a LIF neuron driven by slow Gaussian current (adiabatic approximation) and its derivatives.")
    print("# Written by tools/reference/adiabatic.py with 45 digits, 20 printed. Any coherent units.")
    print("regime,mu,sigma,V_th,V_reset,tau_m,t_ref,tau_syn,rate,log_rate,drate_dmu,drate_dsigma,dlog_rate_dmu,dlog_rate_dsigma")
    for k, case in enumerate(cases()):
        inputs = [float(x) for x in case[1:]]
        result = row(*[mpf(x) for x in inputs])
        if k % 10 == 0:
            check([mpf(x) for x in inputs], result)
        print(",".join([case[0]] + [repr(x) for x in inputs] + [mp.nstr(x, 20) for x in result]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
