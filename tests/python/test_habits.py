"""What Python users take for granted: errors, quantities, pickling, threads, Ctrl-C."""

import copy
import multiprocessing
import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest
from tables import DATA, MODELS

import nuphi
from nuphi.units import mV, ms, pA


@pytest.fixture(scope="module")
def model():
    return nuphi.load(MODELS / "brunel2000.yaml")


@pytest.mark.parametrize("name", ["duplicate_key", "current_as_lif_delta_weight", "bad_numbers", "empty"])
def test_a_wrong_model_raises_the_programs_text(name, monkeypatch):
    monkeypatch.chdir(DATA / "bad")
    with pytest.raises(nuphi.ModelError) as caught:
        nuphi.load(f"{name}.yaml")
    assert str(caught.value).strip() == (DATA / "bad" / f"{name}.txt").read_text(encoding="utf-8").strip()
    first = caught.value.diagnostics[0]
    assert first.line >= 1 and first.column >= 1 and first.code and first.message
    assert isinstance(caught.value, ValueError)


def test_errors_survive_a_pickle():
    with pytest.raises(nuphi.ModelError) as caught:
        nuphi.load(DATA / "bad" / "duplicate_key.yaml")
    back = pickle.loads(pickle.dumps(caught.value))
    assert str(back) == str(caught.value) and back.diagnostics == caught.value.diagnostics


def test_a_missing_file_is_an_os_error():
    with pytest.raises(nuphi.FileError, match="nowhere.yaml"):
        nuphi.load("nowhere.yaml")
    assert issubclass(nuphi.FileError, OSError)


def test_an_unsound_network_lists_its_faults():
    net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20*ms, t_ref=2*ms, V_th=10*mV, V_reset=20*mV))
    net.add("E", 100)
    with pytest.raises(nuphi.ModelError) as caught:
        net.solve()
    assert any("V_reset" in d.message or "V_reset" in d.path for d in caught.value.diagnostics)


def test_an_unknown_parameter_is_named_with_those_there_are(model):
    with pytest.raises(nuphi.ModelError, match="its parameters are J, g, eta"):
        model.set(gg=4)


def test_numbers_are_si_floats_or_texts_with_units():
    rate = nuphi.siegert(21*mV, 7*mV, tau_m=20*ms).rate
    assert nuphi.siegert("21 mV", "7 mV", tau_m="20 ms").rate == rate
    assert nuphi.siegert(["21 mV", 21*mV], 7*mV, tau_m=20*ms).rate[0] == pytest.approx(rate, rel=1e-14)
    for wrong in ("21", "21 ms", "21 volts"):
        with pytest.raises(ValueError):
            nuphi.siegert(wrong, 7*mV)
    with pytest.raises(TypeError):
        nuphi.siegert(True, 7*mV)
    for wrong in (object(), None, np.array([1j]), np.array([True]), {"mu": 1}):
        with pytest.raises(TypeError, match="a number in V is due"):
            nuphi.siegert(wrong, 7*mV)
    np.testing.assert_allclose(nuphi.siegert(np.array(["21 mV"]), 7*mV, tau_m=20*ms).rate, [rate], rtol=1e-14)
    assert nuphi.siegert(np.float32(0.5), 1).rate == nuphi.siegert(0.5, 1.0).rate


def test_units_that_tables_and_other_packages_carry_are_never_dropped():
    xarray = pytest.importorskip("xarray")
    table = xarray.DataArray([21.0, 20.0], attrs={"units": "mV"})
    np.testing.assert_allclose(nuphi.siegert(table, 7*mV).rate, nuphi.siegert([21*mV, 20*mV], 7*mV).rate, rtol=1e-12)
    with pytest.raises(ValueError):
        nuphi.siegert(xarray.DataArray([21.0], attrs={"units": "ms"}), 7*mV)

    class Foreign(np.ndarray):  # an array whose unit is an object of another package
        units = object()

    with pytest.raises(TypeError, match="are not understood"):
        nuphi.siegert(np.array([21.0]).view(Foreign), 7*mV)


class Dimension:
    def __init__(self, *exponents):
        self._dims = exponents


class BrianLike(np.ndarray):
    """As much of a Brian2 quantity as matters: an array in SI with exponents of the base units."""

    def __new__(cls, value, dim):
        self = np.asarray(value, dtype=float).view(cls)
        self.dim = Dimension(*dim)
        return self

    def get_best_unit(self):
        return "?"


class PintLike:
    """As much of a pint quantity as matters."""

    def __init__(self, magnitude, unit):
        self.magnitude, self.unit = magnitude, unit

    def to(self, unit):
        factor = {("mV", "V"): 1e-3, ("ms", "s"): 1e-3}.get((self.unit, unit))
        if factor is None:
            raise ValueError(f"cannot convert {self.unit} to {unit}")
        return PintLike(np.asarray(self.magnitude) * factor, unit)


def test_quantities_of_brian2_and_pint_are_understood_and_checked():
    volt, second = (2, 1, -3, -1, 0, 0, 0), (0, 0, 1, 0, 0, 0, 0)
    rate = nuphi.siegert([21*mV, 15*mV], 7*mV, tau_m=20*ms).rate
    np.testing.assert_array_equal(
        nuphi.siegert(BrianLike([21*mV, 15*mV], volt), 7*mV, tau_m=BrianLike(20*ms, second)).rate, rate)
    np.testing.assert_allclose(
        nuphi.siegert(PintLike([21.0, 15.0], "mV"), 7*mV, tau_m=PintLike(20.0, "ms")).rate, rate, rtol=1e-12)
    with pytest.raises(ValueError, match="not a quantity in V"):
        nuphi.siegert(BrianLike(20*ms, second), 7*mV)
    with pytest.raises(ValueError, match="not a quantity in s"):
        nuphi.siegert(21*mV, 7*mV, tau_m=PintLike(20.0, "mV"))


def test_real_quantities_of_brian2():
    brian2 = pytest.importorskip("brian2")
    mV, ms, Hz = brian2.mV, brian2.ms, brian2.Hz
    rate = nuphi.siegert([20e-3, 21e-3], 7e-3, tau_m=20e-3).rate
    np.testing.assert_allclose(nuphi.siegert([20, 21]*mV, 7*mV, tau_m=20*ms).rate, rate, rtol=1e-14)
    np.testing.assert_allclose(nuphi.siegert([20*mV, 21*mV], 7*mV, tau_m=20*ms).rate, rate, rtol=1e-14)
    for wrong in (21*ms, [21*mV, 21*ms], brian2.Quantity(21.0)):
        with pytest.raises(ValueError, match="not a quantity in V"):
            nuphi.siegert(wrong, 7*mV)
    net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20*ms, t_ref=2*ms, V_th=20*mV, V_reset=10*mV))
    net.connect(net.add("E", 1000), "E", indegree=100, weight=.1*mV, delay=1.5*ms)
    net.poisson("E", indegree=1000, rate=[20]*Hz, weight=.1*mV)
    assert net.solve().converged and net.entries["input_rate[E]"] == (20.0, "Hz")


def test_real_quantities_of_pint(model):
    units = pytest.importorskip("pint").UnitRegistry()
    rate = nuphi.siegert([20e-3, 21e-3], 7e-3, tau_m=20e-3).rate
    found = nuphi.siegert([20, 21]*units.mV, 7*units.mV, tau_m=20*units.ms).rate
    np.testing.assert_allclose(found, rate, rtol=1e-14)
    with pytest.raises(ValueError, match="not a quantity in V"):
        nuphi.siegert(21*units.ms, 7e-3)
    assert model.set(J=0.2*units.mV).parameters["J"] == pytest.approx(0.2e-3)
    with pytest.raises(ValueError, match="not a quantity in 1"):
        model.set(g=5*units.mV)


def test_results_are_read_only_views(model):
    rates = model.solve().rates
    with pytest.raises(ValueError, match="read-only"):
        rates[0] = 1
    assert not rates.flags.owndata


def rates_at(model):
    return model.solve().rates.tolist()


def test_models_and_states_pass_between_processes(model):
    models = [model.set(g=g) for g in (4.5, 5, 6)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(rates_at, models) == [rates_at(m) for m in models]
    state = model.solve()
    for again in (pickle.loads(pickle.dumps(state)), copy.deepcopy(state)):
        np.testing.assert_array_equal(again.rates, state.rates)

        assert again.model.stability(again).stable  # what has been pickled still serves
        with pytest.raises(ValueError, match="read-only"):
            again.rates[0] = 1


def test_a_loaded_model_keeps_its_parameters_through_a_pickle(model):
    again = pickle.loads(pickle.dumps(model.set(g=4.5).set({"tau_m[E]": 18*ms})))
    assert again.parameters["g"].value == 4.5 and again.entries["tau_m[E]"] == (18*ms, "s")
    assert again.set(g=5).parameters["g"].value == 5


def test_other_threads_run_during_a_long_call():
    finished = threading.Event()

    def work():
        nuphi.siegert(np.linspace(-10, 40, 400_000) * mV, 5*mV, second=True, cv=True)
        finished.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not finished.is_set():
        turns += 1
        time.sleep(0)
    thread.join()
    assert turns > 100  # with the GIL held it would be one or two


def test_ctrl_c_ends_a_search_for_states(model):
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    timer.start()
    found = model.fixed_points(starts=10_000_000)
    assert time.monotonic() - started < 2
    timer.join()
    assert found.termination == "interrupted"


def test_ctrl_c_ends_a_long_call_with_what_there_is(model):
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    timer.start()
    branch = model.continue_("g", 3, 8, max_step=1e-6, max_points=10_000_000)  # the limit is not to end it
    assert time.monotonic() - started < 2  # the promise is a second; the machine may be busy
    timer.join()
    assert branch.termination == "interrupted" and len(branch) > 3
