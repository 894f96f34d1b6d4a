#!/usr/bin/env python3
"""Reference table of delay transforms D(z) = E[exp(-z d)] and dD/dz, with mpmath.

    python3 tools/reference/delays.py > tests/data/delays.csv

Inputs are doubles, printed to round-trip; outputs are correct to the 20 digits printed: every row is computed twice, with
different precision (and, for the lognormal, another step of the quadrature), and both must agree. Deterministic.
Conventions: truncated_gaussian takes mean and sd of the normal before it is conditioned on d > 0; gamma and lognormal their
own mean and sd. Lognormal: analytic continuation to |arg z| < pi.
"""
import random

from mpmath import mp, mpc, mpf, arg, ceil, erfc, exp, fsum, lambertw, log, log1p, pi, sqrt

from complex_functions import faddeeva


def constant(z, p):
    return exp(-z * p["mean"]), -p["mean"] * exp(-z * p["mean"])


def uniform(z, p):
    a, b = p["min"], p["max"]
    if a == b or z == 0:
        return (exp(-z * a), -a * exp(-z * a)) if a == b else (mpf(1), -(a + b) / 2)
    value = (exp(-z * a) - exp(-z * b)) / (z * (b - a))
    slope = (-a * exp(-z * a) + b * exp(-z * b)) / (z * (b - a)) - value / z
    return value, slope


def exponential(z, p):
    return 1 / (1 + z * p["mean"]), -p["mean"] / (1 + z * p["mean"]) ** 2


def gamma(z, p):
    shape, scale = (p["mean"] / p["sd"]) ** 2, p["sd"] ** 2 / p["mean"]
    value = exp(-shape * log(1 + z * scale))
    return value, -p["mean"] * value / (1 + z * scale)


def gaussian(z, p):
    value = exp(-z * p["mean"] + (z * p["sd"]) ** 2 / 2)
    return value, (z * p["sd"] ** 2 - p["mean"]) * value


def truncated_gaussian(z, p):
    m, s = p["mean"], p["sd"]
    norm, edge = erfc(-m / (s * sqrt(2))), exp(-(m / s) ** 2 / 2)
    u = (z * s - m / s) / sqrt(2)
    if u.real >= 0:
        value = edge * faddeeva(1j * u) / norm
    else:
        value = (2 * exp(-z * m + (z * s) ** 2 / 2) - edge * faddeeva(-1j * u)) / norm
    return value, (z * s * s - m) * value - s * sqrt(2 / pi) * edge / norm


def lognormal(z, p, step):
    variance = log1p((p["sd"] / p["mean"]) ** 2)
    scale = p["mean"] * exp(-variance / 2)
    if z == 0:
        return mpf(1), -p["mean"]
    zeta = z * scale
    w = lambertw(zeta * variance)
    # Horizontal line t = x - i eta of the integral of exp(-zeta e^t - t^2/(2 variance)).
    eta = w.imag if variance < mpf("0.01") else arg(zeta)
    width = sqrt(variance)
    h, reach = step * min(width, 1), 18 * width + 2 * abs(eta) + 2 * variance
    centre = -w.real
    n = int(ceil(reach / h))
    values, slopes = [], []
    for k in range(-n, n + 1):
        t = mpc(centre + k * h, -eta)
        weight = exp(-zeta * exp(t) - t * t / (2 * variance))
        values.append(weight)
        slopes.append(-scale * exp(t) * weight)
    factor = h / sqrt(2 * pi * variance)
    return factor * fsum(values), factor * fsum(slopes)


def evaluate(name, z, p):
    p = {k: mpf(v) for k, v in p.items()}
    result = []
    for dps, step in ((60, mpf("0.1")), (90, mpf("0.07"))):
        extra = 0
        if name == "lognormal" and z != 0:
            extra = int(5 / float(log1p((p["sd"] / p["mean"]) ** 2)) * 1.3) if p["sd"] > p["mean"] / 10 else 0
        with mp.workdps(dps + extra):
            function = globals()[name]
            args = (mpc(z), p) + ((step,) if name == "lognormal" else ())
            result.append(function(*args))
    for a, b in zip(*result):
        assert abs(a - b) <= mpf(10) ** -22 * max(abs(b), mpf(10) ** -300), (name, z, p, a, b)
    return result[1]


def number(x):
    with mp.workdps(40):
        return mp.nstr(mpf(x), 20, min_fixed=1, max_fixed=0)


def rows():
    random.seed(22)
    zero = dict(mean=0.0, sd=0.0, min=0.0, max=0.0)
    for name in ("constant", "uniform", "exponential", "gamma", "gaussian", "truncated_gaussian", "lognormal"):
        for index in range(120):
            mean = 10 ** random.uniform(-6, 2)  # seconds; a decade of delays and of frequencies is as good as another
            ratio = 10 ** random.uniform(-3, 0.5) if name != "lognormal" else 10 ** random.uniform(-2, 0.7)
            p = dict(zero, mean=mean)
            if name == "uniform":
                p = dict(zero, min=mean * random.choice([0, 0.3, 0.99]), max=mean)
            elif name not in ("constant", "exponential"):
                p["sd"] = mean * ratio
            size = 10 ** random.uniform(-4, 3) / mean
            if index % 3 == 0:
                z = complex(0, size)
            elif index % 3 == 1:
                z = size * complex(mp.cos(t := random.uniform(-1.57, 1.57)), mp.sin(t))
            else:  # to the left of the axis, by little
                z = complex(-random.uniform(0, 0.3) * min(size, 1 / mean), size * random.choice([-1, 1]))
            yield name, z, p


def main():
    print("# Delay transforms D(z) = E[exp(-z d)] and dD/dz. python3 tools/reference/delays.py, mpmath, 20 digits.")
    print("# SI units: mean, sd, min, max in s, z in 1/s, dD/dz in s.")
    print("distribution,mean,sd,min,max,z_re,z_im,D_re,D_im,dD_re,dD_im")
    for name, z, p in rows():
        value, slope = evaluate(name, z, p)
        numbers = [p["mean"], p["sd"], p["min"], p["max"], z.real, z.imag]
        outputs = [mpc(value).real, mpc(value).imag, mpc(slope).real, mpc(slope).imag]
        print(",".join([name] + [repr(x) for x in numbers] + [number(x) for x in outputs]))


if __name__ == "__main__":
    main()
