#!/usr/bin/env python3
"""Writes tests/data/siegert_seams.csv: rates, gradients and CVs where the evaluation changes its form.

    python3 tools/reference/siegert_seams.py > tests/data/siegert_seams.csv

Everything by quadrature with mpmath (50 digits), sharing nothing with the coefficients. Needs mpmath.
Deterministic.
"""
import random

from mpmath import erf, erfc, erfi, exp, inf, log, mp, mpf, nan, pi, quad, sqrt, zeta

mp.dps = 50
ALPHA = sqrt(2) * abs(zeta(mpf(1) / 2))
RNG = random.Random(20261123)


def f(s):
    return exp(s * s) * erfc(-s)


def panels(a, b):
    n = int(min(16, 1 + (b - a) * (1 + abs(a) + abs(b)) / 8))
    return mp.linspace(a, b, n + 1)


def rate(mu, sigma, n, correction):
    """Rate, gradient, and for each the sum of the magnitudes of its addends."""
    V_th, V_reset, tau_m, t_ref, tau_syn = n
    full = ALPHA / 2 * sqrt(tau_syn / tau_m)
    c_t = c_r = full if correction in ('shift', 'shift_refractory') else mpf(0)
    if correction == 'shift_refractory':
        c_r = full * exp(-t_ref / tau_syn)
    z_t, z_r = (V_th - mu) / sigma, (V_reset - mu) / sigma
    y_t, y_r = z_t + c_t, z_r + c_r
    k = tau_m * sqrt(pi)
    integral = quad(f, panels(y_r, y_t), method='gauss-legendre')
    nu = 1 / (t_ref + k * integral)
    f_t, f_r = f(y_t), f(y_r)
    f1_t, f1_r = 2 * y_t * f_t + 2 / sqrt(pi), 2 * y_r * f_r + 2 / sqrt(pi)
    l_mu = nu * k * (f_t - f_r) / sigma
    l_sigma = nu * k * (z_t * f_t - z_r * f_r) / sigma
    # The addends of the second: difference of f'/2, and the shifts times differences of f.
    l_sigma_scale = nu * k / sigma * max(abs(f1_t - f1_r) / 2, c_t * (f_t - f_r), (c_t - c_r) * f_r)
    if correction != 'taylor':
        return y_t, y_r, nu, log(nu), nu * l_mu, nu * l_sigma, nu, nu * l_mu, nu * l_sigma_scale
    t_mm = nu * k * (f1_t - f1_r) / sigma**2
    t_ms = nu * k * ((f_t + z_t * f1_t) - (f_r + z_r * f1_r)) / sigma**2
    a = full * sigma * l_mu
    b_mu = full * sigma * (2 * l_mu * l_mu - t_mm)
    b_sigma = full * sigma * (2 * l_mu * l_sigma - t_ms)
    value = nu * (1 - a)
    return (y_t, y_r, value, log(value) if value > 0 else nan, nu * (l_mu - b_mu),
            nu * (l_sigma - full * l_mu - b_sigma), nu * max(1, a), nu * max(l_mu, full * sigma * 2 * l_mu**2),
            nu * max(l_sigma_scale, full * l_mu, full * sigma * 2 * abs(l_mu * l_sigma)))


def cv(y_t, y_r, nu_tau):
    """The inner integral over x exchanged with the outer one is elementary."""
    def integrand(s):
        return exp(s * s) * erfc(-s) ** 2 * sqrt(pi) / 2 * (erfi(y_t) - erfi(max(s, y_r)))
    with mp.workdps(30 + int(max(y_t, 0) ** 2)):
        start = -sqrt(y_r**2 + 160) if y_r < 0 else mpf(-13)
        edge = [start] + [y_r - w for w in (8, 4, 2, 1, mpf(1) / 2) if y_r - w > start] + panels(y_r, y_t)
        return sqrt(2 * pi * nu_tau**2 * quad(integrand, edge, method='gauss-legendre'))


def neuron(y_t, y_r, sigma, c_t=0, c_r=0):
    """Doubles mu, V_th, V_reset with about these boundaries."""
    mu = RNG.uniform(-10, 40)
    return mu, mu + float(y_t - c_t) * sigma, mu + float(y_r - c_r) * sigma


def rows():
    def point(regime, y_t, d, correction='none'):
        sigma, tau_m = RNG.uniform(0.5, 8), RNG.uniform(5, 30)
        t_ref = RNG.choice([0.0, RNG.uniform(0.5, 4)])
        tau_syn = 0.0 if correction == 'none' else RNG.uniform(0.1, 3)
        c_t = 0 if correction in ('none', 'taylor') else float(ALPHA / 2 * sqrt(tau_syn / tau_m))
        c_r = c_t * float(exp(-t_ref / tau_syn)) if correction == 'shift_refractory' else c_t
        mu, V_th, V_reset = neuron(y_t, y_t - d, sigma, c_t, c_r)
        if V_reset < V_th:
            yield regime, mu, sigma, V_th, V_reset, tau_m, t_ref, tau_syn, correction

    def near(x, least=-15):
        return x + RNG.choice([-1, 1]) * 10 ** RNG.uniform(least, -3)

    corrections = ['none', 'shift', 'shift_refractory']
    for _ in range(50):
        yield from point('threshold', near(0, -16), 10 ** RNG.uniform(-3, 1.5), RNG.choice(corrections))
    for _ in range(50):
        y = 10 ** RNG.uniform(-3, 1)
        yield from point('narrow', y, near(0.6) / (1 + 2 * y), RNG.choice(corrections))
    for _ in range(40):
        y = RNG.uniform(0.4, 6)
        yield from point('reset', y, y + near(0), RNG.choice(corrections))
    for _ in range(60):
        k = RNG.choice([0.5, 1.5, 2.5, 1, 2, 3, 4, 5, 6, 7, 7.5, 8])
        d = RNG.choice([RNG.uniform(0.3, 9), near(1), near(2), 0.5 / (1 + 2 * k), 0.01])
        yield from point('pieces', near(k), d, RNG.choice(corrections))
    for _ in range(60):
        y = 10 ** RNG.uniform(-4, 1)
        yield from point('narrow_colour', y, 0.6 / (1 + 2 * y) * 10 ** RNG.uniform(-8, 0), RNG.choice(corrections[1:]))
    for correction in ('shift_refractory', 'taylor'):
        for _ in range(60):
            yield from point(correction, RNG.uniform(-8, 4), 10 ** RNG.uniform(-1, 1), correction)


print("""# Rates, gradients and CVs at the seams between the forms of evaluation, and for the colour corrections.
# Made by `python3 tools/reference/siegert_seams.py` with mpmath quadrature, 50 digits, 20 printed.
# Inputs are IEEE doubles printed round-trip, in any coherent units. *_scale: the largest addend of the value in question,
# against which a difference can be judged. log_nu is nan where the first-order correction gives a negative rate.
regime,mu,sigma,V_th,V_reset,tau_m,t_ref,tau_syn,correction,nu,log_nu,dnu_dmu,dnu_dsigma,nu_scale,dmu_scale,dsigma_scale,cv""")
for regime, mu, sigma, V_th, V_reset, tau_m, t_ref, tau_syn, correction in rows():
    n = [mpf(v) for v in (V_th, V_reset, tau_m, t_ref, tau_syn)]
    y_t, y_r, *result = rate(mpf(mu), mpf(sigma), n, correction)
    spread = nan if correction == 'taylor' else cv(y_t, y_r, result[0] * n[2])
    print(','.join([regime] + [repr(v) for v in (mu, sigma, V_th, V_reset, tau_m, t_ref, tau_syn)] + [correction]
                   + [mp.nstr(v, 20) for v in result + [spread]]))
