"""Builds wheels of nuphi for pip (PEP 517, PEP 660), from the build folder that `./dev python` uses.

Needs no package: works offline and with isolation. The libraries are compiled once; another Python, a
virtual environment say, costs its module only.
"""

import base64
import hashlib
import pathlib
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
PACKAGE = ROOT / "python" / "nuphi"


def version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"project\(nuphi VERSION ([0-9.]+)", text).group(1)


def tag():
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"{python}-{python}-{platform}"


def metadata():
    return f"""Metadata-Version: 2.1
Name: nuphi
Version: {version()}
Summary: Stationary firing rates of networks of leaky integrate-and-fire neurons, and what follows from them
License: Apache-2.0; a binary linked with Debian's Ceres is GPL-3.0-or-later
Requires-Python: >=3.9
Requires-Dist: numpy
Provides-Extra: figures
Requires-Dist: matplotlib; extra == "figures"
Provides-Extra: tables
Requires-Dist: pandas; extra == "tables"
Requires-Dist: xarray; extra == "tables"
Description-Content-Type: text/markdown

{(ROOT / "README.md").read_text(encoding="utf-8")}"""


def compile_module():
    """Compiles `_core` for the Python that runs this and returns its file."""
    # What CMake remembers of another Python must go.
    forget = [argument for name in ("Python_*", "_Python_*", "PYTHON_*", "pybind11_*") for argument in ("-U", name)]
    configure = ["cmake", "--preset", "release", *forget, "-D", "NUPHI_PYTHON=ON", "-D", "NUPHI_TESTS=OFF",
                 "-D", "NUPHI_PETSC=OFF", "-D", f"Python_EXECUTABLE={sys.executable}"]
    build = ["cmake", "--build", "--preset", "release", "--target", "nuphi_python"]
    for command in (configure, build):
        try:
            # pip passes on what is printed only when it fails or is asked to.
            subprocess.run(command, cwd=ROOT, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"{error}\n`./dev python` installs what nuphi is built with; then try again") from error
    return BUILD / "python" / "nuphi" / f"_core{sysconfig.get_config_var('EXT_SUFFIX')}"


def contents():
    """(name in the wheel, bytes) of the package."""
    for file in sorted(PACKAGE.iterdir()):
        if file.suffix in (".py", ".pyi") or file.name == "py.typed":
            yield f"nuphi/{file.name}", file.read_bytes()
    module = compile_module()
    yield f"nuphi/{module.name}", module.read_bytes()


def write_wheel(folder, files):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    info = f"nuphi-{version()}.dist-info"
    files = list(files) + [
        (f"{info}/METADATA", metadata().encode()),
        (f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: nuphi_build\nRoot-Is-Purelib: false\nTag: {tag()}\n".encode()),
        (f"{info}/LICENSE", (ROOT / "LICENSE").read_bytes()),
    ]
    record = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
              for name, data in files]
    record.append(f"{info}/RECORD,,")
    name = f"nuphi-{version()}-{tag()}.whl"
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in files:
            wheel.writestr(path, data)
        wheel.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return write_wheel(wheel_directory, contents())


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    compile_module()
    return write_wheel(wheel_directory, [("nuphi.pth", f"{BUILD / 'python'}\n".encode())])


def build_sdist(sdist_directory, config_settings=None):
    base = f"nuphi-{version()}"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    information = pathlib.Path(sdist_directory) / "PKG-INFO"
    information.write_text(metadata(), encoding="utf-8")
    with tarfile.open(pathlib.Path(sdist_directory) / f"{base}.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name in filter(None, listed.split("\0")):
            archive.add(ROOT / name, f"{base}/{name}")
        archive.add(information, f"{base}/PKG-INFO")
    information.unlink()
    return f"{base}.tar.gz"


if __name__ == "__main__":  # ./dev wheel
    print(pathlib.Path(sys.argv[1]) / build_wheel(sys.argv[1]))
