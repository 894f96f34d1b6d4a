#!/usr/bin/env python3
"""Folds and cusp of examples/models/bistable.yaml, for tests/solver/continuation_test.cc.

Two populations with rates x = f(m + a y, y), y = f(18.5 mV + a x, x) in terms of the input of each:
the folds in the drive m are where the product of the two slopes of f is 1. In the plane of drive and
weight the cusp lies on the diagonal m = 18.5 mV, x = y, where the slope is -1.

    python3 tools/reference/bistable_folds.py        mpmath at 40 digits, 22 printed
"""
from mpmath import mp, mpf, diff, erf, exp, findroot, inf, log, pi, quad, sqrt

mp.dps = 40
TAU, T_REF, V_TH, V_RESET = mpf("0.020"), mpf("0.002"), mpf("0.020"), mpf("0.010")
K, SIGMA, MEAN = 400, mpf("0.006"), mpf("0.0185")


def rate(mu, variance):
    sigma = sqrt(variance)
    lower, upper = (V_RESET - mu) / sigma, (V_TH - mu) / sigma
    points = [lower] + [mpf(k) for k in range(-8, 9) if lower < k < upper] + [upper]
    integral = quad(lambda s: exp(s * s) * (1 + erf(s)), points)
    return 1 / (T_REF + TAU * sqrt(pi) * integral)


def response(mean, weight, other):
    """Rate of a population inhibited by one of rate `other`."""
    return rate(mean - TAU * K * weight * other, SIGMA**2 + TAU * K * weight**2 * other)


def fold(guess):
    weight = mpf("0.00006")

    def equations(x, y, drive):
        slope_x = diff(lambda v: response(drive, weight, v), y)
        slope_y = diff(lambda v: response(MEAN, weight, v), x)
        return [response(drive, weight, y) - x, response(MEAN, weight, x) - y, slope_x * slope_y - 1]

    return findroot(equations, guess, tol=mpf(10) ** -56)


def cusp(guess):
    def equations(x, weight):
        return [response(MEAN, weight, x) - x, diff(lambda v: response(MEAN, weight, v), x) + 1]

    return findroot(equations, guess, tol=mpf(10) ** -56)


def show(name, values):
    print(name, *(mp.nstr(v, 22) for v in values))


if __name__ == "__main__":
    show("fold: x y drive", fold((mpf("3.0762"), mpf("19.293"), mpf("0.0196935"))))
    show("fold: x y drive", fold((mpf("16.418"), mpf("3.308"), mpf("0.0177473"))))
    show("cusp: x weight", cusp((mpf("11.247"), mpf("0.0000450878"))))
