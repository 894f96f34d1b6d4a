"""The examples of docs/python.md and of the README run and print what they show."""

import doctest
import re

import pytest
from tables import ROOT

import nuphi


def test_the_examples_of_the_page_print_what_it_shows(monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "docs/python.md", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    runner.run(test)
    assert runner.summarize().failed == 0


def test_the_twin_of_the_readme_gives_its_rates(tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "brunel.yaml").write_text(re.search(r"```yaml\n(.*?)```", text, re.DOTALL).group(1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1), names)
    state = names["state"]
    assert isinstance(state, nuphi.State) and state.converged
    printed = re.search(r"^E +([0-9.]+)", text, re.MULTILINE)
    assert printed is None or float(printed.group(1)) == pytest.approx(state["E"].rate, rel=1e-4)


def test_the_page_names_every_method():
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in ("solve", "fixed_points", "continue_", "continue_all", "stability", "spectra", "covariances", "distributions",
                 "sensitivity", "fit"):
        assert f"model.{name}(" in page and callable(getattr(nuphi.Network, name))
