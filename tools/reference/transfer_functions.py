#!/usr/bin/env python3
"""Writes tests/data/transfer_functions.csv: binary, threshold-linear and Noisy Softplus units with their derivatives.

    python3 tools/reference/transfer_functions.py > tests/data/transfer_functions.csv

Values from the defining formulas with 320 digits, derivatives by central differences of them: nothing of the
library's closed forms is used. Inputs are exact in binary (17 digits). Needs mpmath only.
"""
import random

from mpmath import mp, mpf, erfc, exp, log, pi, sqrt

mp.dps = 320


def binary(first, second, theta):
    return lambda mu, sigma: erfc(-(mu - theta) / (sqrt(2) * sigma)) / 2


def threshold_linear(gain, spread, theta):
    def f(mu, sigma):
        d = spread * sigma
        z = (mu - theta) / d
        return gain * ((mu - theta) * erfc(-z / sqrt(2)) / 2 + d * exp(-z * z / 2) / sqrt(2 * pi))

    return f


def noisy_softplus(k, slope, theta):
    return lambda mu, sigma: slope * k * sigma * log(1 + exp((mu - theta) / (k * sigma)))


FUNCTIONS = {"binary": binary, "threshold_linear": threshold_linear, "noisy_softplus": noisy_softplus}


def main():
    random.seed(7)
    print("# Transfer functions other than that of the LIF neuron, with their derivatives.")
    print("# Written by tools/reference/transfer_functions.py with 320 digits, 20 printed. Any coherent units.")
    print("# first, second: nothing (binary), gain and spread (threshold_linear), k and S (noisy_softplus)")
    print("function,first,second,theta,mu,sigma,rate,drate_dmu,drate_dsigma")
    for name, make in FUNCTIONS.items():
        for k in range(120):
            sigma = 10.0 ** random.uniform(-3, 3)
            theta = random.choice([0.0, random.uniform(-2, 2) * sigma])
            z = random.choice([random.uniform(-3, 3), random.uniform(-30, 30), 0.0])
            first, second = (0.0, 0.0) if name == "binary" else (random.uniform(0.1, 3), random.uniform(0.2, 2))
            mu = theta + z * sigma * (second if name == "threshold_linear" else 1.0)
            f = make(*map(mpf, (first, second, theta)))
            step = mpf(sigma) * mpf(10) ** -50
            x, s = mpf(mu), mpf(sigma)
            d_mu = (f(x + step, s) - f(x - step, s)) / (2 * step)
            d_sigma = (f(x, s + step) - f(x, s - step)) / (2 * step)
            values = [f(mpf(mu), mpf(sigma)), d_mu, d_sigma]
            print(",".join([name] + [repr(v) for v in (first, second, theta, mu, sigma)] + [mp.nstr(v, 20) for v in values]))


if __name__ == "__main__":
    main()
