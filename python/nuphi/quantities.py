"""Numbers in SI from what people write: floats (SI), texts ("10 ms"), quantities of Brian2, pint and astropy.

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
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return _core.parse_quantity(value, dimension)
    if hasattr(value, "get_best_unit") and hasattr(value, "dim"):
        return _from_brian2(value, dimension)
    if hasattr(value, "magnitude") and hasattr(value, "to"):
        return _from_pint(value, dimension)
    if hasattr(value, "unit") and hasattr(value, "to"):  # astropy
        return _from_pint(value, dimension, "value")
    if isinstance(value, (list, tuple)):
        return np.array([in_si(v, dimension) for v in value], dtype=float)
    return _from_array(value, dimension) * _unit_of(value, dimension)


def _from_array(value: Any, dimension: str) -> Any:
    array = np.asarray(value)
    if array.dtype.kind in "fiu":
        return array
    if array.dtype.kind in "UO" and array.ndim > 0:
        return np.array([in_si(v, dimension) for v in array.ravel().tolist()], dtype=float).reshape(array.shape)
    raise TypeError(f"a number in {dimension} is due, not {value!r}")


def _unit_of(value: Any, dimension: str) -> float:
    """Of a table's column that names its unit as text (xarray); 1 where there is none."""
    units = getattr(value, "units", None)
    if units is None or units == dimension:
        return 1.0
    if isinstance(units, str):
        return _core.parse_quantity(f"1 {units}", dimension)
    raise TypeError(f"quantities of {type(value).__module__} are not understood: give floats in SI, or texts with units")


def _from_brian2(value: Any, dimension: str) -> Any:
    due = _SI_DIMENSIONS.get(dimension)
    found = tuple(value.dim._dims)
    if due is not None and found != due:
        raise ValueError(f"{value} is not a quantity in {dimension}")
    return np.asarray(value, dtype=float)


def _from_pint(value: Any, dimension: str, number: str = "magnitude") -> Any:
    one = "dimensionless" if number == "magnitude" else ""
    try:
        return np.asarray(getattr(value.to(one if dimension == "1" else dimension), number), dtype=float)
    except Exception as error:
        raise ValueError(f"{value} is not a quantity in {dimension}: {error}") from error
