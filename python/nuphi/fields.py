"""Named tuples with the fields that were asked for."""

from __future__ import annotations

from collections import namedtuple
from typing import Any, Sequence


def named_tuple(name: str, fields: Sequence[str]) -> Any:
    return namedtuple(name, list(fields))
