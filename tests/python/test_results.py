"""Results as objects: named axes, tables, files, reports, figures."""

import json
import pickle

import numpy as np
import pytest
from tables import MODELS

import nuphi
from nuphi.units import Hz, mV


@pytest.fixture(scope="module")
def model():
    return nuphi.load(MODELS / "brunel2000.yaml")


@pytest.fixture(scope="module")
def results(model):
    state = model.solve()
    return {
        "state": state,
        "states": nuphi.load(MODELS / "bistable.yaml").fixed_points(),
        "branch": model.set(eta=4).continue_("g", 5, 6),
        "stability": model.stability(state),
        "spectra": model.spectra([1.0, 50.0, 180.0], state, sensitivity="nearest"),
        "covariances": model.covariances(state),
        "sensitivity": model.sensitivity(["g", "eta"], state),
        "fit": model.fit({"E": 30*Hz}, free=["eta"]),
    }


NAMES = ["state", "states", "branch", "stability", "spectra", "covariances", "sensitivity", "fit"]


def same(a, b):
    """Equal in every number, NaN included."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a == b or (a != a and b != b)


@pytest.mark.parametrize("name", NAMES)
def test_a_result_comes_back_from_its_file_and_from_a_pickle(results, name, tmp_path):
    result = results[name]
    file = tmp_path / "result.json"
    result.save(file)
    json.loads(file.read_text(), parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))
    for again in (nuphi.load_result(file), pickle.loads(pickle.dumps(result))):
        assert type(again) is type(result)
        assert same(again.to_dict(), result.to_dict())
        assert again.model.populations == result.model.populations


def test_what_was_read_back_still_serves(results, tmp_path):
    results["state"].save(tmp_path / "state.json")
    state = nuphi.load_result(tmp_path / "state.json")
    assert state.model.stability(state).stable and state.model.parameters["g"].value == 5
    assert nuphi.State.load(tmp_path / "state.json")["E"].rate == state["E"].rate
    with pytest.raises(ValueError, match="holds a State, not a Branch"):
        nuphi.Branch.load(tmp_path / "state.json")
    with pytest.raises(ValueError, match="read-only"):
        state.rates[0] = 1
    with pytest.raises(nuphi.FileError):
        state.save(tmp_path / "nowhere" / "state.json")
    with pytest.raises(nuphi.FileError):
        nuphi.load_result(tmp_path / "nothing.json")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ValueError, match="holds no result"):
        nuphi.load_result(tmp_path / "other.json")


@pytest.mark.parametrize("name", NAMES)
def test_every_array_of_a_dictionary_has_its_unit(results, name):
    as_dict = results[name].to_dict()
    arrays = [v for v in as_dict.values() if isinstance(v, dict)]
    assert arrays and all(set(v) == {"unit", "axes", "values"} and v["unit"] for v in arrays)
    json.dumps(as_dict)  # plain numbers and texts only


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_get_a_table(results, name):
    html = results[name]._repr_html_()
    assert html.startswith("<table>") and html.count("<tr>") >= 2 and html.count("<tr>") < 20


@pytest.mark.parametrize("name", NAMES)
def test_tables_of_pandas_and_xarray(results, name):
    pytest.importorskip("pandas")
    pytest.importorskip("xarray")
    result = results[name]
    frame, dataset = result.to_frame(), result.to_xarray()
    assert len(frame) > 0 and all(v.attrs["units"] for v in dataset.values())


def test_columns_of_tables_are_named_after_populations(results):
    pytest.importorskip("pandas")
    frame = results["branch"].to_frame()
    assert list(frame.columns)[:3] == ["g", "rate[E]", "rate[I]"]
    assert results["state"].to_frame().loc["I", "rate"] == results["state"]["I"].rate
    power = results["spectra"].to_xarray().power
    assert power.sel(frequency=50.0, population="I") == results["spectra"].power[1, 1] and power.units == "Hz"


def test_reports_and_html_name_what_they_show(results):
    state = results["state"]
    assert "brunel2000: stable" in state.report() and "37.94" in state.report()
    assert "<th>E</th>" in state._repr_html_() and "rate (Hz)" in state._repr_html_()
    assert "three" not in results["states"].report() and results["states"].report().count("bistable") >= 4
    assert "eta = " in results["fit"].report() and "<td>" in results["fit"]._repr_html_()
    net = nuphi.Network("<b>", neuron=nuphi.lif_delta(tau_m=20e-3, t_ref=2e-3, V_th=20*mV, V_reset=10*mV))
    net.noise(net.add("<i>"), mean=15*mV, sigma=5*mV)
    assert "<b>" not in net.solve()._repr_html_() and "<i>" not in net.solve()._repr_html_()


def test_notes_say_where_theory_may_fail():
    model = nuphi.load(MODELS / "brunel2000.yaml", J="0.5 mV", g=5, eta=1.2)
    notes = {note.code for note in model.solve().notes}
    assert "strong-coupling" in notes, notes
    assert model.solve().coupling_radius > 0.95
    assert "note: " in model.solve().report()


def test_a_fit_meets_its_target(model):
    fit = model.fit({"E": 30*Hz}, free=["eta"], bounds={"eta": (0, None)})
    assert fit.converged and fit.targets_met and fit.identifiable and fit.state.rates[0] == pytest.approx(30, rel=1e-9)
    assert fit.model.solve().rates[0] == pytest.approx(30, rel=1e-8)
    assert fit["eta"].initial == 2 and fit.values[0] == fit["eta"].value
    both = model.fit([30.0, np.nan], free=["eta", "g"])
    assert both.targets_met and not both.identifiable and len(both.null_directions) == 1
    with pytest.raises(KeyError, match="no population 'X'"):
        model.fit({"X": 3}, free=["eta"])
    with pytest.raises(ValueError, match="not among the free"):
        model.fit({"E": 30}, free=["eta"], bounds={"g": (0, 1)})


def test_fits_and_sensitivities_see_changed_entries(model):
    changed = model.set({"tau_m[E]": "15 ms"})
    by_file = {s.parameter: s for s in changed.sensitivity(["eta", "t_ref[E]"])}
    step = 1e-4
    up, down = (changed.set(eta=2 + d).solve().rates for d in (step, -step))
    np.testing.assert_allclose(by_file["eta"].drate, (up - down) / (2 * step), rtol=1e-5)
    fit = changed.fit({"E": 30}, free=["input_rate[E]", "input_rate[I]"])
    assert fit.state.rates[0] == pytest.approx(30, rel=1e-8)
    assert fit.model.entries["tau_m[E]"][0] == pytest.approx(15e-3)
    with pytest.raises(nuphi.ModelError):
        changed.sensitivity(["nonsense"])


def test_rates_within_a_population():
    net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20e-3, t_ref=2e-3, V_th=20*mV, V_reset=10*mV))
    E, I = net.add("E", 10000), net.add("I", 2500)
    net.connect(E, [E, I], indegree={"mean": 1000, "distribution": "binomial"}, weight=.1*mV)
    net.connect(I, [E, I], indegree={"mean": 250, "distribution": "binomial"}, weight=-.6*mV)
    net.poisson([E, I], indegree=1000, rate=20, weight=.1*mV)
    found = net.distributions()
    assert found.converged and found.rate_sd[0] > 0
    shares = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(found.cdf("E", found.quantile("E", shares)), shares, atol=1e-8)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.quantile("I", shares), found.quantile("I", shares))


def test_curves_of_folds_in_two_parameters_meet_in_a_cusp():
    model = nuphi.load(MODELS / "bistable.yaml")
    branch = model.continue_("drive", 15*mV, 22*mV, two_parameter=("J", "0.02 mV", "0.06 mV"))
    assert [c.type for c in branch.curves] == ["fold"]
    ((drive, J),) = branch.curves[0].cusps
    assert 15*mV < drive < 22*mV and .02*mV < J < .06*mV
    few, many = (len(model.set(drive=drive, J=J * f).fixed_points()) for f in (0.95, 1.05))
    assert (few, many) == (1, 3)


@pytest.mark.parametrize("name", NAMES)
def test_figures_draw(results, name):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    if not hasattr(results[name], "plot"):
        pytest.skip("no figure")
    axes = results[name].plot()
    assert axes.get_xlabel() or axes.images
    axes.figure.canvas.draw()
