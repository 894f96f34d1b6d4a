"""`pip install .` in a fresh virtual environment, offline and with isolation."""

import os
import subprocess
import sys
import zipfile

import pytest
from tables import ROOT

import nuphi


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """That of an environment in which nuphi was installed from the source tree."""
    pytest.importorskip("venv")
    pytest.importorskip("ensurepip")
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", folder], check=True)
    found = folder / "bin" / "python"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["PIP_NO_INDEX"] = "1"
    done = subprocess.run([found, "-m", "pip", "install", "--disable-pip-version-check", str(ROOT)],
                          env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return found


def run(python, code, folder):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run([python, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_installed_package_works_outside_the_tree(python, tmp_path):
    out = run(python, "import nuphi; print(nuphi.__file__, nuphi.__version__, nuphi.siegert(21e-3, 7e-3).rate)", tmp_path)
    file, version, rate = out.split()
    assert file.startswith(str(python.parents[1])) and version == nuphi.__version__
    assert float(rate) == nuphi.siegert(21e-3, 7e-3).rate


def test_pip_knows_what_it_has_installed(python, tmp_path):
    out = run(python, "import importlib.metadata as m; d = m.distribution('nuphi'); print(d.version, d.requires[0]);"
              "print(sorted(f.name for f in d.files if f.parts[0] == 'nuphi' and f.suffix in ('.pyi', '.typed')))", tmp_path)
    assert out.split("\n")[0] == f"{nuphi.__version__} numpy" and "['_core.pyi', 'py.typed']" in out


def test_a_wheel_holds_what_its_record_says(tmp_path):
    done = subprocess.run([sys.executable, ROOT / "python" / "packaging" / "nuphi_build.py", tmp_path],
                          capture_output=True, text=True, check=True)
    with zipfile.ZipFile(done.stdout.strip().split("\n")[-1]) as wheel:
        record = wheel.read(next(n for n in wheel.namelist() if n.endswith("RECORD"))).decode()
        assert {line.split(",")[0] for line in record.split()} == set(wheel.namelist())
        assert {"nuphi/__init__.py", "nuphi/py.typed", "nuphi/_core.pyi"} <= set(wheel.namelist())
