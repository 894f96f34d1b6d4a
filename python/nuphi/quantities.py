"""Numbers in SI from what people write: floats (SI), texts ("10 ms"), quantities of Brian2 and pint.

Nothing is guessed: a quantity of another dimension, or a text without unit, is an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core

Number = Any  #: a float in SI, a text with unit, a quantity of Brian2 or pint, or an array of them

# exponents of (metre, kilogram, second, ampere, kelvin, mole, candela)
_SI_DIMENSIONS = {
    "1": (0, 0, 0, 0, 0, 0, 0),
    "s": (0, 0, 1, 0, 0, 0, 0),
    "Hz": (0, 0, -1, 0, 0, 0, 0),
    "V": (2, 1, -3, -1, 0, 0, 0),
    "A": (0, 0, 0, 1, 0, 0, 0),
    "F": (-2, -1, 4, 2, 0, 0, 0),
}


def in_si(value: Any, dimension: str) -> Any:
    """`value` as a float or an array of floats in SI units of `dimension` ("V", "s", "Hz", "A", "F", "1").

    Raises
    ------
    ValueError
        for a text without or with a wrong unit, and for a quantity of another dimension.
    TypeError
        for anything that is no number.
    """
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"a number in {dimension} is due, not {value!r}")
    if type(value) is np.ndarray or isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return _core.parse_quantity(value, dimension)
    if hasattr(value, "get_best_unit") and hasattr(value, "dim"):
        return _from_brian2(value, dimension)
    if hasattr(value, "magnitude") and hasattr(value, "to"):
        return _from_pint(value, dimension)
    if isinstance(value, (list, tuple)):
        return np.array([in_si(v, dimension) for v in value], dtype=float)
    return np.asarray(value, dtype=float)


def _from_brian2(value: Any, dimension: str) -> Any:
    due = _SI_DIMENSIONS.get(dimension)
    found = tuple(value.dim._dims)
    if due is not None and found != due:
        raise ValueError(f"{value} is not a quantity in {dimension}")
    return np.asarray(value, dtype=float)


def _from_pint(value: Any, dimension: str) -> Any:
    try:
        return np.asarray(value.to("dimensionless" if dimension == "1" else dimension).magnitude, dtype=float)
    except Exception as error:
        raise ValueError(f"{value} is not a quantity in {dimension}: {error}") from error
