#!/usr/bin/env python3
"""Writes core/src/cv_coefficients.h: the polynomials behind the coefficient of variation.

    python3 tools/reference/cv_coefficients.py > core/src/cv_coefficients.h

C(x) = int_{-inf}^x exp(s^2) int_{-inf}^s exp(r^2)(1 + erf r)^2 dr ds. Exchanging the integrals leaves one,
  C(-x) = int_x^inf erfcx(r)^2 [D(r) - exp(x^2 - r^2) D(x)] dr,  x >= 0, D Dawson's integral,
and for x > 0 the Taylor series of C is known from C(0) = pi/16, C'(0) = ln2/sqrt(pi).
Needs mpmath. Deterministic: two runs write the same file.
"""
from mpmath import erf, erfi, exp, log, mp, mpf, pi, quad, sqrt

from polynomials import A, DIGITS, begin, end, erfcx, fit, fit_from_zero, fit_piece, nodes, write, write_pieces, x_of

LARGE = 16  # from here on asymptotic series are good to exp(-256)


def asymptotic(x, sign):
    """sum_k sign^k (2k - 1)!! / (2 x^2)^k."""
    total, term, k = mpf(1), mpf(1), 0
    while abs(term) > mp.eps:
        k += 1
        term *= sign * (2 * k - 1) / (2 * x * x)
        total += term
    return total


def any_erfcx(x):
    return erfcx(x) if x < LARGE else asymptotic(x, -1) / (sqrt(pi) * x)


def dawson(x):
    return sqrt(pi) / 2 * exp(-x * x) * erfi(x) if x < LARGE else asymptotic(x, 1) / (2 * x)


def below(x):
    """C(-x) (1 + x)^2."""
    start = dawson(x)

    def integrand(v):  # r = x_of(v); the mapping turns the algebraic decay into a smooth end
        if v <= -1:
            return mpf(0)
        r = x_of(v)
        weight = exp(x * x - r * r) if r * r - x * x < 300 else mpf(0)
        return any_erfcx(r) ** 2 * (dawson(r) - weight * start) * 2 * A / (1 + v) ** 2
    u = (A - x) / (A + x)
    # Within 1/x of the start the bracket rises from 0; panels resolve that.
    step = 1 / (1 + x)
    edges = [(A - x - k * step) / (A + x + k * step) for k in (0, 1, 3, 9, 30)]
    with mp.workdps(DIGITS + 10):
        return -quad(integrand, edges + [mpf(-1)]) * (1 + x) ** 2


class Taylor:
    """f, K and C about a point by the recurrences of f' = 2xf + 2/sqrt(pi), (f^2)' = 4x f^2 + 4f/sqrt(pi),
    K' = 2xK + f^2, C' = K; towards larger x all of them grow, so that steps keep their digits."""
    TERMS = 260

    def __init__(self, m, f, k, c):
        self.m, self.f, self.square, self.k, self.c = mpf(m), [f], [f * f], [k], [c]
        for n in range(self.TERMS):
            def earlier(a):
                return a[n - 1] if n else 0
            self.f.append((2 * self.m * self.f[n] + 2 * earlier(self.f) + (0 if n else 2 / sqrt(pi))) / (n + 1))
            self.square.append((4 * self.m * self.square[n] + 4 * earlier(self.square)
                                + 4 / sqrt(pi) * self.f[n]) / (n + 1))
            self.k.append((2 * self.m * self.k[n] + 2 * earlier(self.k) + self.square[n]) / (n + 1))
            self.c.append(self.k[n] / (n + 1))

    def at(self, coefficients, x):
        return mp.polyval(coefficients[::-1], x - self.m)

    def scaled(self, x):
        return exp(-2 * x * x) * self.at(self.c, x)

    def next(self):
        x = self.m + 1
        return Taylor(x, exp(x * x) * (1 + erf(x)), self.at(self.k, x), self.at(self.c, x))


def tail(w):
    """x^2 exp(-2 x^2) C(x) but for parts of size exp(-x^2), w = 1/x^2: from Z' = -4 x Z + 4 D(x)."""
    total, z, d, power, k, last = mpf(0), mpf(0), mpf(1), mpf(1), 0, mp.inf
    while True:
        z = (d + k * z) / 2
        term = z * power
        if term > last or term < mpf(10) ** -40:
            return total
        total, last = total + term, term
        power *= w
        d *= mpf(2 * k + 1) / 2
        k += 1


mp.dps = DIGITS + 20
points = [Taylor(0, mpf(1), log(2) / sqrt(pi), pi / 16)]
while len(points) < 9:
    points.append(points[-1].next())
assert abs(below(mpf(0)) - pi / 16) < mpf(10) ** -50
assert abs(below(mpf(3) / 4) / (mpf(7) / 4) ** 2 - points[0].at(points[0].c, -mpf(3) / 4)) < mpf(10) ** -50
assert abs(points[8].scaled(mpf(8)) * 64 / tail(mpf(1) / 64) - 1) < mpf(10) ** -22

begin("python3 tools/reference/cv_coefficients.py",
      "Coefficients in ascending powers. C(x) = int_{-inf}^x K, see isi_statistics.cc; u = (4 - x)/(4 + x).")
write("kCvBelow", "(1 + x)^2 C(-x) for x >= 0, in u.", *fit([below(x_of(u)) for u in nodes()], 27))
write_pieces("kCvScaled", "exp(-2 x^2) C(x) on [k - 0.8, k + 0.8], in x - k, k = 0..7.",
             [fit_piece(points[k].scaled, mpf(k), mpf(8) / 10, 27) for k in range(8)])
write("kCvScaledTail", "x^2 exp(-2 x^2) C(x) for x >= 7, in 1/x^2 (parts of size exp(-x^2) are below rounding).",
      *fit_from_zero(tail, mpf(1) / 49, 14))
end()
