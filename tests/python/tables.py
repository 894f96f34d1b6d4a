"""The reference tables of tests/data as NumPy arrays."""

import csv
import json
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
MODELS = ROOT / "examples" / "models"


def rows(name):
    """The rows of a CSV file with `#` comments, as dictionaries of texts."""
    with open(DATA / name, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def columns(table, *names):
    return [np.array([float(row[name]) for row in table]) for name in names]


def states(name):
    return json.loads((DATA / "states" / name).read_text(encoding="utf-8"))
