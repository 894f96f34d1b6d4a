"""Exceptions of nuphi. Numerics never raise: see ``state.converged`` and ``state.report()``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence


@dataclass(frozen=True)
class Diagnostic:
    """One fault of a model: where it is, what was found, how to mend it."""

    code: str
    message: str
    hint: str = ""
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


class ModelError(ValueError):
    """A model is wrong. ``diagnostics`` holds every fault found; the text is that of the program."""

    def __init__(self, text: str, diagnostics: Sequence[Mapping[str, Any] | Diagnostic] = ()) -> None:
        super().__init__(text)
        self.diagnostics: tuple[Diagnostic, ...] = tuple(
            d if isinstance(d, Diagnostic) else Diagnostic(**d) for d in diagnostics
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.diagnostics)


class FileError(OSError):
    """A file could not be read or written."""


class NotConverged(RuntimeError):
    """No stationary state was found, and ``check=True`` asked for one; ``state`` is the best point."""

    def __init__(self, text: str, state: Any = None) -> None:
        super().__init__(text)
        self.state = state
