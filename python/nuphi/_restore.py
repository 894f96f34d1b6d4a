"""Results as JSON and back: every field, the model included."""

from __future__ import annotations

import importlib
import json
import math
import os
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Union

import numpy as np

from . import _core
from .errors import FileError
from .result import Result, frozen

FORMAT = "nuphi-python-result/1"


def to_json(value: Any) -> Any:
    """JSON of a result or one of its fields; what is more than JSON knows carries a ``"$type"``."""
    from .network import Network

    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$type": "float", "value": repr(value)}
    if isinstance(value, complex):
        return {"$type": "complex", "real": to_json(value.real), "imag": to_json(value.imag)}
    if isinstance(value, np.ndarray):
        return _array_to_json(value)
    if isinstance(value, Network):
        return {"$type": "model", "state": to_json(list(value.core.__getstate__()))}
    if isinstance(value, _core.State):
        return {"$type": "state", "fields": to_json(value.fields())}
    if isinstance(value, _core.QuenchedPopulation):
        raise TypeError("rate distributions are not saved; keep the model")
    if is_dataclass(value) or hasattr(value, "_fields"):
        names = [f.name for f in fields(value)] if is_dataclass(value) else value._fields
        header = {"format": FORMAT} if isinstance(value, Result) else {}
        kind = f"{type(value).__module__.rpartition('.')[2]}.{type(value).__name__}"
        return {**header, "$type": kind, "fields": {n: to_json(getattr(value, n)) for n in names}}
    if isinstance(value, dict):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, tuple):
        return {"$type": "tuple", "items": [to_json(v) for v in value]}
    return [to_json(v) for v in value]


def _array_to_json(array: Any) -> Any:
    parts = {"real": array.real, "imag": array.imag} if np.iscomplexobj(array) else {"real": array}
    return {"$type": "array", "shape": list(array.shape),
            **{name: [x if math.isfinite(x) else repr(x) for x in part.ravel().tolist()] for name, part in parts.items()}}


def from_json(value: Any) -> Any:
    """The reverse of :func:`to_json`."""
    if isinstance(value, list):
        return [from_json(v) for v in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("$type")
    if kind is None:
        return {k: from_json(v) for k, v in value.items()}
    if kind == "float":
        return float(value["value"])
    if kind == "complex":
        return complex(from_json(value["real"]), from_json(value["imag"]))
    if kind == "tuple":
        return tuple(from_json(v) for v in value["items"])
    if kind == "array":
        return _array_from_json(value)
    if kind == "model":
        from .network import Network

        return Network._of(_core.parse_model(*from_json(value["state"])))
    if kind == "state":
        return _core.state_from(from_json(value["fields"]))
    return _object_from_json(kind, from_json(value["fields"]))


def _array_from_json(value: Any) -> Any:
    parts = [np.array([float(x) for x in value[p]], dtype=float) for p in ("real", "imag") if p in value]
    array = parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1]
    array = array.reshape(value["shape"])
    array.flags.writeable = False
    return array


_MODULES = ("state", "branch", "linear", "inverse", "errors")  #: that results are defined in


def _object_from_json(kind: str, values: dict[str, Any]) -> Any:
    module, _, name = kind.partition(".")
    if module not in _MODULES:
        raise ValueError(f"a file of results holds no {kind}")
    return getattr(importlib.import_module(f"nuphi.{module}"), name)(**frozen(values))


def load_result(path: Union[str, "os.PathLike[str]"]) -> Any:
    """The result that ``save`` has written, with its model.

    Raises
    ------
    FileError
        when the file cannot be read.
    ValueError
        when it holds no result of nuphi.

    Examples
    --------
    >>> import nuphi, tempfile, pathlib
    >>> net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20e-3, t_ref=2e-3, V_th=20e-3, V_reset=10e-3))
    >>> E = net.add("E")
    >>> net.noise(E, mean=15e-3, sigma=5e-3)
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "state.json"
    >>> net.solve().save(file)
    >>> nuphi.load_result(file)["E"].rate == net.solve()["E"].rate
    True
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error
    value = json.loads(text)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ValueError(f"{path} holds no result of nuphi ({FORMAT})")
    return from_json({k: v for k, v in value.items() if k != "format"})
