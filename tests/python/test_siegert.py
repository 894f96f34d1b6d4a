"""The neuron as a function: numbers of the reference tables, shapes, domain."""

import re

import numpy as np
import pytest
from tables import columns, rows

import nuphi
from nuphi.units import mV, ms

NEURON = ("V_th", "V_reset", "tau_m", "t_ref", "tau_syn")
FLOOR = 1e-290  # below, the relative error of a number is that of a subnormal one


def arguments(table):
    mu, sigma, *neuron = columns(table, "mu", "sigma", *NEURON)
    return (mu, sigma), dict(zip(NEURON, neuron))


def relative_error(value, truth):
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.abs(value - truth) / np.abs(truth)
    known = np.isfinite(truth) & (np.abs(truth) > FLOOR)
    assert known.any()
    return np.max(error[known])


@pytest.fixture(scope="module")
def table():
    return [row for row in rows("siegert.csv") if float(row["sigma"]) > 0]


def test_rates_and_derivatives_are_those_of_the_reference_table(table):
    inputs, neuron = arguments(table)
    found = nuphi.siegert(*inputs, **neuron, second=True, log=True)
    # The budgets of tests/support/budgets.h, with room for the batch's instruction sets. Slopes in
    # sigma and second derivatives pass through zero: those are judged in C++ by their addends.
    assert relative_error(found.rate, *columns(table, "nu")) < 1e-14
    assert relative_error(found.drate_dmu, *columns(table, "dnu_dmu")) < 1e-13
    (log_rate,) = columns(table, "log_nu")
    assert np.max(np.abs(found.log_rate - log_rate) / np.maximum(1, np.abs(log_rate))) < 1e-14


def test_cv_is_that_of_the_reference_table():
    table = [row for row in rows("cv.csv") if float(row["sigma"]) > 0]
    inputs, neuron = arguments(table)
    assert relative_error(nuphi.siegert(*inputs, **neuron, cv=True).cv, *columns(table, "cv")) < 1e-11


def test_exact_correction_is_that_of_the_reference_table():
    table = rows("exact_rate.csv")[:20]
    inputs, neuron = arguments(table)
    rate, error = columns(table, "rate", "rel_error")
    found = nuphi.siegert(*inputs, **neuron, correction="exact").rate
    assert np.all(np.abs(found / rate - 1) < error + 1e-8)


def test_uniform_correction_is_near_the_exact_rate():
    table = rows("exact_rate.csv")[:20]
    inputs, neuron = arguments(table)
    (rate,) = columns(table, "rate")
    assert relative_error(nuphi.siegert(*inputs, **neuron, correction="uniform").rate, rate) < 5e-3


def test_a_number_and_an_array_agree(table):
    inputs, neuron = arguments(table[::7])
    many = nuphi.siegert(*inputs, **neuron, gradient=True)
    for k in range(len(many.rate)):
        one = nuphi.siegert(float(inputs[0][k]), float(inputs[1][k]), gradient=True,
                            **{name: float(values[k]) for name, values in neuron.items()})
        assert isinstance(one.rate, float)
        # The vector form and the scalar one agree to rounding, not to the bit.
        np.testing.assert_allclose([one.rate, one.drate_dmu], [many.rate[k], many.drate_dmu[k]],
                                   rtol=2e-14, atol=FLOOR)


def test_all_arguments_broadcast():
    mu = np.linspace(10, 30, 5)[:, None] * mV
    tau_m = np.array([10, 20, 30]) * ms
    found = nuphi.siegert(mu, 5*mV, tau_m=tau_m, gradient=True, cv=True)
    assert found._fields == ("rate", "drate_dmu", "drate_dsigma", "cv")
    assert all(field.shape == (5, 3) for field in found)
    assert found.rate[3, 1] == pytest.approx(nuphi.siegert(float(mu[3, 0]), 5*mV, tau_m=20*ms).rate, rel=2e-14)
    with pytest.raises(ValueError, match="broadcast"):
        nuphi.siegert(np.zeros(3), np.ones(4))
    assert nuphi.siegert(np.zeros((0, 3)), 5*mV).rate.shape == (0, 3)


def test_strided_and_integer_arrays_are_taken():
    mu = np.arange(12, dtype=float).reshape(3, 4) * 3*mV
    np.testing.assert_array_equal(nuphi.siegert(mu.T[::-1], 5*mV).rate, nuphi.siegert(mu, 5*mV).rate.T[::-1])
    np.testing.assert_array_equal(nuphi.siegert(np.array([1, 2]), 1).rate, nuphi.siegert([1.0, 2.0], 1.0).rate)


def test_arguments_are_not_changed_and_results_are_new():
    mu = np.linspace(0, 30, 1000) * mV
    mu.flags.writeable = False
    first, again = nuphi.siegert(mu, 5*mV).rate, nuphi.siegert(mu, 5*mV).rate
    assert first is not again and not np.shares_memory(first, mu)
    np.testing.assert_array_equal(first, again)


def test_a_bad_entry_spoils_itself_alone():
    rate = nuphi.siegert([15*mV, np.nan, 15*mV, 15*mV], [5*mV, 5*mV, -1*mV, 5*mV]).rate
    np.testing.assert_array_equal(np.isnan(rate), [False, True, True, False])


def test_inverse_gives_the_rate_back():
    rate = np.geomspace(1e-3, 400, 30)
    for correction in ("none", "shift"):
        mu = nuphi.siegert_inverse(rate, 5*mV, tau_syn=.5*ms, correction=correction)
        back = nuphi.siegert(mu, 5*mV, tau_syn=.5*ms, correction=correction).rate
        np.testing.assert_allclose(back, rate, rtol=1e-11)  # the slope takes rounding of mu up to 1e3-fold
    assert np.isnan(nuphi.siegert_inverse(501.0, 5*mV)) and isinstance(nuphi.siegert_inverse(5.0, 5*mV), float)


def test_response_at_zero_is_the_gradient_and_complex_points_are_continued():
    arguments = dict(mu=18*mV, sigma=4*mV, tau_m=15*ms)
    still = nuphi.siegert(18*mV, 4*mV, tau_m=15*ms, gradient=True)
    found = nuphi.response([0.0, 100.0], **arguments)
    assert found.mu[0].real == pytest.approx(still.drate_dmu, rel=1e-12)
    assert found.variance[0].real == pytest.approx(still.drate_dsigma / (2 * 4*mV), rel=1e-12)
    assert found.isi_transform[0] == pytest.approx(1)
    at_z = nuphi.response(z=[0, 2j*np.pi*100], **arguments)
    np.testing.assert_array_equal(at_z.mu, found.mu)
    # conjugate symmetry in the whole plane
    z = np.array([30 + 400j, -5 + 90j])
    np.testing.assert_allclose(nuphi.response(z=z.conj(), **arguments).mu, nuphi.response(z=z, **arguments).mu.conj(),
                               rtol=1e-12)
    with pytest.raises(TypeError, match="either frequencies or z"):
        nuphi.response(**arguments)


def test_colour_response_moves_the_boundaries_or_not():
    neuron = dict(mu=14*mV, sigma=4*mV, tau_m=20*ms, t_ref=2*ms, V_th=20*mV, V_reset=10*mV, tau_syn=1*ms)
    moving = nuphi.response([80.0], **neuron)
    still = nuphi.response([80.0], colour_response="quasi_static", **neuron)
    velocity = 1.0326265761156086 * np.sqrt(1 / 20) / (2 * 4*mV) * 2j * np.pi * 80 * 20*ms  # -(c/2 sigma) z tau_m
    np.testing.assert_array_equal(moving.mu, still.mu)
    np.testing.assert_allclose(moving.variance, still.variance - velocity * still.mu, rtol=1e-12)
    with pytest.raises(ValueError, match="moving, quasi_static, exact"):
        nuphi.response([80.0], colour_response="still", **neuron)


def test_exact_response_begins_with_the_gradient_of_the_exact_rate():
    neuron = dict(tau_m=20*ms, t_ref=2*ms, V_th=20*mV, V_reset=10*mV, tau_syn=2*ms, correction="exact")
    exact = nuphi.response(z=[0, 200j, -200j, 1.0], mu=14*mV, sigma=4*mV, **neuron)
    rate = nuphi.siegert(14*mV, 4*mV, gradient=True, **neuron)
    np.testing.assert_allclose(exact.mu[0], rate.drate_dmu, rtol=3e-8)
    assert exact.mu[1] == np.conj(exact.mu[2]) and exact.spectrum[1] == exact.spectrum[2]
    assert np.isnan(exact.mu[3])  # known on the axis alone


def test_unknown_correction_names_those_there_are():
    with pytest.raises(ValueError, match="'shft' is none of none, shift, taylor"):
        nuphi.siegert(1, 1, correction="shft")


def test_every_correction_of_model_files_is_known(tmp_path):
    file = tmp_path / "model.yaml"
    file.write_text("""schema: nuphi/1
neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}
populations: [{name: E}]
inputs: [{to: E, noise: {mean: 15 mV, sigma: 5 mV}}]
solve: {correction: nonsense}
""", encoding="utf-8")
    with pytest.raises(nuphi.ModelError) as caught:
        nuphi.load(file)
    with pytest.raises(ValueError) as here:
        nuphi.siegert(1, 1, correction="nonsense")
    allowed = re.search(r"none\W+shift.*", str(caught.value)).group(0)
    assert set(re.findall(r"[a-z_]+", allowed.split(" [")[0])) == set(str(here.value).split("none of ")[1].split(", "))
