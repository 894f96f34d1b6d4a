#!/usr/bin/python3
"""Times of numpy and scipy for what bench_analysis does with dense matrices, in ms of processor time; best of five.

Usage: dense_peers.py, with OPENBLAS_NUM_THREADS=1 as nuphi calls it and OPENBLAS_CORETYPE as for the benchmark.
"""
import time

import numpy as np
from scipy import linalg


def best(function, repetitions=5):
    times = []
    for _ in range(repetitions):
        begin = time.process_time()
        function()
        times.append(time.process_time() - begin)
    return 1e3 * min(times)


def pairwise(connectivity, rates, cv):
    """(1 - W)^-1 D (1 - W)^-T with the noise D that keeps the autocovariances, as nuphi's pairwise_covariances()."""
    propagator = linalg.inv(np.eye(len(rates)) - connectivity, check_finite=False)
    noise = linalg.solve(propagator**2, rates * cv**2, check_finite=False)
    return (propagator * noise) @ propagator.T


def main():
    random = np.random.default_rng(1)
    n = 1000
    connectivity = np.where(random.random((n, n)) < 0.1, random.choice([0.02, -0.1], n, p=[0.8, 0.2]), 0)
    print(f"pairwise/{n}    {best(lambda: pairwise(connectivity, np.full(n, 8.0), np.full(n, 0.9))):.1f}")
    for n in (90, 254, 1000):
        a = random.uniform(-1, 1, (n, n))
        z = a + 1j * random.uniform(-1, 1, (n, n))
        few = 2 if n == 1000 else 5
        print(f"eigenvalues/{n}/0    {best(lambda: linalg.eigvals(a, check_finite=False), few):.2f}")
        print(f"eigenvalues/{n}/1    {best(lambda: linalg.eigvals(z, check_finite=False), few):.2f}")
        print(f"inverse/{n}    {best(lambda: linalg.inv(a, check_finite=False), few):.2f}")


main()
