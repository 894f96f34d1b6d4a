"""What type checkers and help() say about nuphi."""

import doctest
import importlib
import pathlib
import subprocess
import sys

import pytest
from tables import ROOT

import nuphi

PACKAGE = pathlib.Path(nuphi.__file__).parent
CONFIG = ROOT / "python" / "mypy.ini"
MODULES = sorted(p.stem for p in PACKAGE.glob("*.py") if p.stem != "__init__")


def check(*command, folder):
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_is_typed_strictly(tmp_path):
    pytest.importorskip("mypy")
    check("mypy", "--strict", "--config-file", CONFIG, "--cache-dir", tmp_path, "nuphi", folder=PACKAGE.parent)


def test_stubs_are_those_of_the_compiled_part(tmp_path):
    pytest.importorskip("mypy")
    check("mypy.stubtest", "nuphi", "--mypy-config-file", CONFIG, "--allowlist", ROOT / "python" / "stubtest_allowlist.txt",
          "--ignore-unused-allowlist", folder=PACKAGE.parent)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    failed, _ = doctest.testmod(importlib.import_module(f"nuphi.{name}"), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_everything_public_has_a_docstring():
    for name in nuphi.__all__:
        thing = getattr(nuphi, name)
        assert isinstance(thing, str) or thing.__doc__, name
    for method in (m for m in vars(nuphi.Network) if not m.startswith("_")):
        assert getattr(nuphi.Network, method).__doc__ or method in ("name", "populations", "save"), method
