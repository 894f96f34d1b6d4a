#!/usr/bin/env python3
"""Transfer functions for the low-pass fit of spatially structured networks, with mpmath.

    python3 tools/reference/spatial.py transfer > tests/data/low_pass_transfer.csv
    python3 tools/reference/spatial.py fit      > tests/data/low_pass_fit.csv

N(omega) = dnu/dmu(omega) of LIF neurons with exponential synapses: white-noise response between shifted boundaries
(Schuecker et al. 2015) times the synaptic low pass 1/(1 + i omega tau_syn). Time convention e^{+i omega t}. Deterministic.
"""
import sys

from mpmath import mp, mpc, mpf, exp, pcfu, pi, quad, sqrt, zeta, erf

mp.dps = 40
TAU_M, TAU_SYN, V_TH, V_RESET = 0.005, 0.0005, 0.015, 0.0
WORKING_POINTS = ((0.006, 0.006), (0.006, 0.012), (0.01, 0.01), (0.012, 0.012), (0.008, 0.008), (0.012, 0.006))


def state(lam, y):
    """Phi = exp(y^2/2) U(lam - 1/2, -sqrt(2) y) and dPhi/dy, from U' = -x U/2 - (a + 1/2) U(a + 1, x)."""
    a, x = lam - mpf(1) / 2, -sqrt(2) * y
    u, above = pcfu(a, x), pcfu(a + 1, x)
    slope = -x / 2 * u - (a + mpf(1) / 2) * above
    return exp(y * y / 2) * u, exp(y * y / 2) * (y * u - sqrt(2) * slope)


def responses(mu, sigma):
    shift = sqrt(2) * abs(zeta(mpf(1) / 2)) / 2 * sqrt(mpf(TAU_SYN) / mpf(TAU_M))
    y_t, y_r = (mpf(V_TH) - mpf(mu)) / mpf(sigma) + shift, (mpf(V_RESET) - mpf(mu)) / mpf(sigma) + shift
    nu = 1 / (mpf(TAU_M) * sqrt(pi) * quad(lambda s: exp(s * s) * (1 + erf(s)), [y_r, 0, y_t]))
    for frequency in range(1, 200):
        omega = 2 * pi * frequency
        lam = mpc(0, omega * mpf(TAU_M))
        (phi_t, slope_t), (phi_r, slope_r) = state(lam, y_t), state(lam, y_r)
        response = nu / mpf(sigma) * (slope_t - slope_r) / ((1 + lam) * (phi_t - phi_r))
        yield frequency, omega, response / (1 + mpc(0, omega * mpf(TAU_SYN)))


def transfer():
    print("# N(omega) of LIF neurons, tau_m 5 ms, t_ref 0, tau_syn 0.5 ms, V_th 15 mV, V_reset 0; boundaries shifted.")
    print("# python3 tools/reference/spatial.py transfer, mpmath, 40 digits. mu, sigma in V, frequency in Hz, N in Hz/V.")
    print("mu,sigma,frequency,N_re,N_im")
    for mu, sigma in WORKING_POINTS:
        for frequency, _, N in responses(mu, sigma):
            print(f"{mu!r},{sigma!r},{frequency},{mp.nstr(N.real, 18)},{mp.nstr(N.imag, 18)}")


def fit():
    print("# Least squares of |h0/(1 + i omega tau)| to |N(omega)| of low_pass_transfer.csv, 199 frequencies.")
    print("# python3 tools/reference/spatial.py fit, mpmath, 40 digits. mu, sigma in V, h0 in Hz/V, tau in s.")
    print("mu,sigma,h0,tau")
    for mu, sigma in WORKING_POINTS:
        data = [(omega, abs(N)) for _, omega, N in responses(mu, sigma)]

        def slope(tau):  # h0 follows from tau linearly; derivative of the sum of squares along that line
            g = [1 / sqrt(1 + (omega * tau) ** 2) for omega, _ in data]
            h0 = mp.fsum(n * x for (_, n), x in zip(data, g)) / mp.fsum(x * x for x in g)
            return mp.fsum((n - h0 * x) * omega ** 2 * x ** 3 for (omega, n), x in zip(data, g)), h0

        tau = mp.findroot(lambda t: slope(t)[0], (mpf("0.002"), mpf("0.0025")), tol=1e-30)
        print(f"{mu!r},{sigma!r},{mp.nstr(slope(tau)[1], 18)},{mp.nstr(tau, 18)}")


{"transfer": transfer, "fit": fit}[sys.argv[1]]()
