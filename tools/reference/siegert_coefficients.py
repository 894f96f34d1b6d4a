#!/usr/bin/env python3
"""Writes core/src/siegert_coefficients.h: the polynomials behind the Siegert rate.

    python3 tools/reference/siegert_coefficients.py > core/src/siegert_coefficients.h

The variables are chosen so that no sum of powers cancels: the largest ratio sum|c_k v^k| / |p(v)| stays below 7. Degrees
are chosen for the slopes, which enter as divided differences and lose a factor of degree^2 at the ends. Needs mpmath.
Deterministic: two runs write the same file.
"""
from mpmath import erfi, exp, hyp2f2, log1p, mp, mpf, pi, quad, sqrt

from polynomials import A, DIGITS, begin, end, erfcx, fit, fit_from_zero, fit_piece, nodes, write, write_pieces, x_of


def derivative(n, x):
    """f^(n)(-x) (1 + x)^(n+1) with f(s) = exp(s^2)(1 + erf s)."""
    with mp.workdps(DIGITS + 40 + int(12 * mp.log10(1 + x))):  # the recurrence cancels at large x
        f = [erfcx(x)]
        f.append(2 / sqrt(pi) - 2 * x * f[0])
        for k in range(2, n + 1):
            f.append(2 * (k - 1) * f[k - 2] - 2 * x * f[k - 1])
        return f[n] * (1 + x) ** (n + 1)


def integral_remainder():
    """sqrt(pi) int_0^x erfcx - log1p(x/A) at the nodes in u, integrated from node to node."""
    def slope(u):
        return -(sqrt(pi) * erfcx(x_of(u)) - 1 / (A + x_of(u))) * 2 * A / (1 + u) ** 2
    values, total, last = [], mpf(0), mpf(1)
    for u in nodes():  # descending from nearly 1
        total += quad(slope, [last, u])
        values.append(total)
        last = u
    # Against the closed form, once.
    k = len(values) // 3
    x = x_of(nodes()[k])
    with mp.workdps(2 * DIGITS):
        closed = pi / 2 * erfi(x) - x * x * hyp2f2(1, 1, 1.5, 2, x * x) - log1p(x / A)
    assert abs(closed - values[k]) < mpf(10) ** (10 - DIGITS)
    return values


def scaled_integral(x):
    """sqrt(pi) exp(-x^2) int_0^x f."""
    with mp.workdps(DIGITS + 40):
        return exp(-x * x) * (pi / 2 * erfi(x) + x * x * hyp2f2(1, 1, 1.5, 2, x * x))


def tail(w):
    """x P(x) but for the part of size exp(-x^2): 2 sqrt(pi) x Dawson(x), w = 1/x^2."""
    with mp.workdps(DIGITS + 20):
        x = 1 / sqrt(w)
        return pi * x * exp(-x * x) * erfi(x)


begin("python3 tools/reference/siegert_coefficients.py",
      "Coefficients in ascending powers. f(s) = exp(s^2)(1 + erf s), u = (4 - x)/(4 + x) in (-1, 1] for x >= 0.")
remainder = integral_remainder()
write("kIntegralRemainder", "S(u) = sqrt(pi) int_0^x erfcx - log1p(x/4), in u.", *fit(remainder, 24))
write("kIntegralRemainderRatio", "S(u)/(1 - u), in u: with relative accuracy where S vanishes.",
      *fit([v / (1 - u) for u, v in zip(nodes(), remainder)], 23))
for order, degree in enumerate((25, 27, 29, 31)):
    write(f"kDerivative{order}", f"(1 + x)^{order + 1} f{chr(39) * order}(-x), in u.",
          *fit([derivative(order, x_of(u)) for u in nodes()], degree))
write_pieces("kScaledIntegral", "P(x) = sqrt(pi) exp(-x^2) int_0^x f on [k, k+1], in x - (k + 1/2), k = 0..6.",
             [fit_piece(scaled_integral, k + mpf(1) / 2, mpf(1) / 2, 18) for k in range(7)])
write("kScaledIntegralTail", "x P(x) for x >= 7, in 1/x^2 (the part of size exp(-x^2) is below rounding).",
      *fit_from_zero(tail, mpf(1) / 49, 13))
end()
