"""What all results share: named axes and units, dictionaries, tables, files, pickles."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Mapping, NamedTuple, TypeVar, Union

import numpy as np

from .errors import FileError

if TYPE_CHECKING:  # numpy.typing takes a tenth of the time of the import
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    ComplexArray = npt.NDArray[np.complex128]
else:
    Array = ComplexArray = np.ndarray


_SHOWN = 12  #: rows and columns of a table in a notebook

R = TypeVar("R", bound="Result")


class Variable(NamedTuple):
    """An array of a result: the attribute that holds it, its axes and its SI unit."""

    attribute: str
    axes: tuple[str, ...]
    unit: str


class Result:
    """An array for each quantity, read-only, over named axes, in SI units.

    ``to_dict``, ``to_frame`` (pandas) and ``to_xarray`` hold all of them; ``save`` writes what
    :func:`nuphi.load_result` reads.
    """

    _variables: ClassVar[Mapping[str, Variable]]

    def _coordinates(self) -> dict[str, Any]:
        """The values along each axis."""
        raise NotImplementedError

    def _attributes(self) -> dict[str, Any]:
        """What belongs to the result as a whole: plain numbers and texts."""
        return {}

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers with their units; complex numbers as ``{"real", "imag"}``."""
        result: dict[str, Any] = dict(self._attributes())
        for name, values in self._coordinates().items():
            result[name] = np.asarray(values).tolist()
        for name, variable in self._variables.items():
            values = np.asarray(getattr(self, variable.attribute))
            listed: Any = values.tolist()
            if np.iscomplexobj(values):
                listed = {"real": values.real.tolist(), "imag": values.imag.tolist()}
            result[name] = {"unit": variable.unit, "axes": list(variable.axes), "values": listed}
        return result

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset``; the unit of each variable is its attribute ``units``."""
        import xarray

        variables = {name: (v.axes, np.asarray(getattr(self, v.attribute)), {"units": v.unit})
                     for name, v in self._variables.items()}
        coordinates = {name: values for name, values in self._coordinates().items()
                       if any(name in v.axes for v in self._variables.values())}
        attributes = {name: value for name, value in self._attributes().items()
                      if isinstance(value, (str, int, float)) and not isinstance(value, bool)}
        return xarray.Dataset(variables, coords=coordinates, attrs=attributes)

    def to_frame(self) -> Any:
        """A ``pandas.DataFrame`` in SI units, one row an entry of the first axis.

        A quantity with a second axis has a column for each of its entries, ``rate[E]``; those with
        more axes are left out.
        """
        import pandas

        axis, labels, columns = self._columns()
        return pandas.DataFrame(columns, index=pandas.Index(labels, name=axis))

    def _columns(self) -> tuple[str, Any, dict[str, Any]]:
        """The first axis, its labels, and what has a value or a row at each of them."""
        coordinates = self._coordinates()
        first = next(iter(self._variables.values())).axes[0]
        columns: dict[str, Any] = {}
        for name, variable in self._variables.items():
            values = np.asarray(getattr(self, variable.attribute))
            if variable.axes == (first,):
                columns[name] = values
            elif variable.axes[0] == first and len(variable.axes) == 2:
                labels = coordinates.get(variable.axes[1], range(values.shape[1]))
                columns.update({f"{name}[{label}]": values[:, k] for k, label in enumerate(labels)})
        return first, coordinates[first], columns

    def _repr_html_(self) -> str:
        """The first rows and columns, for notebooks."""
        axis, labels, columns = self._columns()
        shown = list(columns.items())[:_SHOWN]
        units = [self._variables[name.split("[")[0]].unit for name, _ in shown]
        head = [axis] + [name if unit == "1" else f"{name} ({unit})" for (name, _), unit in zip(shown, units)]
        rows = [[str(label), *(f"{column[k]:.6g}" for _, column in shown)] for k, label in enumerate(labels[:_SHOWN])]
        if len(labels) > _SHOWN:
            rows.append(["…", f"{len(labels)} in all"])
        return table_html(repr(self), head, rows)

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Writes JSON that :func:`nuphi.load_result` reads back; numbers keep every digit.

        Raises
        ------
        FileError
            when the file cannot be written.
        """
        from ._restore import to_json

        try:
            Path(path).write_text(json.dumps(to_json(self), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise FileError(f"{path}: {error.strerror}") from error

    @classmethod
    def load(cls: type[R], path: Union[str, "os.PathLike[str]"]) -> R:
        """The result of this kind that :meth:`save` has written; see :func:`nuphi.load_result`."""
        from ._restore import load_result

        result = load_result(path)
        if not isinstance(result, cls):
            raise ValueError(f"{path} holds a {type(result).__name__}, not a {cls.__name__}")
        return result

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(frozen(state))


def frozen(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with their arrays read-only, as the compiled part hands them out."""
    for value in fields.values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return dict(fields)


def table_html(caption: str, head: list[str], rows: list[list[str]]) -> str:
    """A small HTML table; texts are escaped."""
    from html import escape

    header = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join("<tr>" + f"<th>{escape(row[0])}</th>" + "".join(f"<td>{escape(c)}</td>" for c in row[1:]) + "</tr>"
                   for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"
