#!/usr/bin/env python3
"""Random points for response_truth: python3 response_points.py KIND COUNT SEED > points.txt

KIND: axis (λ = iω), complex (Re λ > −5), seams (near the borders between the regions of the code).
Lines "y_t y_r rho lambda_re lambda_im", exact in binary.
"""
import math
import random
import sys

kind, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)


def log_uniform(low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def interval():
    while True:
        choice = rng.random()
        if choice < 0.35:
            y_t = rng.uniform(-40, 25)
        elif choice < 0.75:
            y_t = rng.uniform(-8, 9)
        elif choice < 0.9:
            y_t = rng.choice([-1, 1]) * log_uniform(1e-8, 10)
        else:
            y_t = -log_uniform(1, 40)
        y_r = y_t - log_uniform(1e-4, 40)
        if y_r >= -45:
            return y_t, y_r


def on_axis():
    return 0.0, log_uniform(1e-12, 1e4) if rng.random() < 0.2 else log_uniform(1e-3, 1e4) if rng.random() < 0.5 else log_uniform(0.05, 60)


def off_axis():
    choice = rng.random()
    size = log_uniform(1e-4, 1e3)
    if choice < 0.5:
        angle = rng.uniform(0, math.pi / 2)
        return size * math.cos(angle), size * math.sin(angle)
    if choice < 0.65:
        return (size if rng.random() < 0.6 else rng.uniform(-5, 0)), 0.0
    return rng.uniform(-5, 0), log_uniform(1e-2, 1e3)


def seam():
    y_t, y_r = interval()
    border = rng.choice([-7.3, 0.0, 7.3])
    near = border + rng.choice([-1, 1]) * log_uniform(1e-12, 1e-2)
    if rng.random() < 0.5:
        y_t, y_r = near, near - log_uniform(1e-4, 20)
    else:
        y_t, y_r = near + log_uniform(1e-4, 15), near
    size = rng.choice([20, 24, 0.9, 1.0, rng.uniform(0.1, 30)]) * (1 + rng.choice([-1, 1]) * log_uniform(1e-12, 1e-2))
    return y_t, y_r, (0.0, size) if rng.random() < 0.7 else (size * 0.6, size * 0.8)


for _ in range(count):
    if kind == "seams":
        y_t, y_r, (re, im) = seam()
    else:
        y_t, y_r = interval()
        re, im = on_axis() if kind == "axis" else off_axis()
    rho = 0.0 if rng.random() < 0.3 else log_uniform(1e-3, 3.2)
    print(repr(y_t), repr(y_r), repr(rho), repr(re), repr(im))
