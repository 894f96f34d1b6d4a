"""Networks of Brian2 as networks of nuphi: tests/data/brian2 has set-ups with independent rates."""

import json
import runpy
import warnings
from pathlib import Path

import numpy as np
import pytest

import nuphi

DATA = Path(__file__).resolve().parents[1] / "data" / "brian2"
brian2 = pytest.importorskip("brian2")
brian2.prefs.codegen.target = "numpy"


def read(case, **options):
    """The network, the expected results and the texts of the warnings."""
    expected = json.loads((DATA / case / "expected.json").read_text())
    objects, populations, namespace = runpy.run_path(str(DATA / case / "setup.py"))["build"]()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        network = nuphi.from_brian2(*objects, populations=options.get("populations", populations), namespace=namespace,
                                    correction=options.get("correction"))
    texts = [str(w.message) for w in caught if issubclass(w.category, nuphi.Brian2Warning)]
    return network, expected, texts


@pytest.mark.parametrize("case", ["ampere_weights_delays", "delta", "poisson_group_two_kinds", "volt_synapses_conditions",
                                  "white_noise"])
def test_set_ups_have_the_rates_of_an_independent_solver(case):
    network, expected, texts = read(case, correction="shift")  # that of the reference
    # The synapses drawn are those of the reference: the seed is fixed.
    assert network.solve().rates == pytest.approx(expected["rates_hz"], rel=1e-12)
    for text in expected["must_warn"]:
        assert any(text in t for t in texts), text


def test_binomial_and_fixed_indegrees_and_the_spread_of_weights_are_seen():
    network, expected, _ = read("delta")
    assert "distribution: binomial" in network.to_yaml()
    network, expected, _ = read("ampere_weights_delays")
    assert "binomial" not in network.to_yaml()
    assert network.entries["weight_cv[E<-I]"][0] == pytest.approx(expected["resolved"]["weight_cv"], abs=0.01)


def test_neurons_that_differ_within_a_population_are_refused():
    with pytest.raises(nuphi.ModelError, match="constant drive differs between neurons"):
        read("poisson_group_two_kinds", populations=None)


def test_everything_that_is_no_theory_is_refused_at_once():
    with pytest.raises(nuphi.ModelError) as caught:
        read("refused")
    reasons = {}
    for d in caught.value.diagnostics:
        reasons.setdefault(d.path, []).append(d.message)
    assert "multiplies v by ge" in reasons["conductance"][0]
    assert "'w += 1*mV' in the reset" in reasons["adaptation"][0]
    assert "dx/dt depends on y" in reasons["alpha"][0]
    assert "no constant" in reasons["threshold_moves"][0]
    assert "add (unless refractory)" in reasons["not_clamped"][0]
    assert "no leak" in reasons["no_leak"][0]
    assert "not linear in v" in reasons["eif"][0]
    assert len(reasons["stdp"]) == 3


def test_names_are_looked_up_where_the_caller_stands_and_missing_ones_are_named():
    tau, level = 20 * brian2.ms, 15 * brian2.mV
    group = brian2.NeuronGroup(10, "dv/dt = (level - v)/tau : volt (unless refractory)", threshold="v > 10*mV",
                               reset="v = 0*mV", refractory=2 * brian2.ms, method="exact")
    with pytest.warns(nuphi.Brian2Warning, match="t_ref - dt"):
        rate = nuphi.from_brian2(group).solve().rates[0]
    assert rate == pytest.approx(1 / (2e-3 + 20e-3 * np.log(15 / 5)), rel=1e-12)
    with pytest.raises(nuphi.ModelError, match="`level` has no constant value|`tau` has no constant value"):
        nuphi.from_brian2(group, namespace={"tau": tau})


def test_a_whole_network_is_taken_and_monitors_are_passed_over():
    group = brian2.NeuronGroup(10, "dv/dt = -v/(10*ms) : volt (unless refractory)", threshold="v > 10*mV", reset="v = 0*mV",
                               method="exact")
    source = brian2.PoissonInput(group, "v", N=100, rate=200 * brian2.Hz, weight=0.1 * brian2.mV)
    network = nuphi.from_brian2(brian2.Network(group, source, brian2.SpikeMonitor(group)))
    assert network.entries["input_indegree[%s]" % group.name][0] == 100
    assert network.solve().converged
    with pytest.raises(nuphi.ModelError, match="a SpikeGeneratorGroup is not read"):
        nuphi.from_brian2(group, brian2.SpikeGeneratorGroup(1, [0], [1] * brian2.ms))


def small_network():
    """Delta synapses, 400 neurons far from synchrony; in-degrees small against the sizes."""
    net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20e-3, t_ref=2e-3, V_th=20e-3, V_reset=10e-3))
    E, I = net.add("E", 320), net.add("I", 80)
    net.connect(E, [E, I], indegree=12.5, weight=0.1e-3, delay=1.5e-3)
    net.connect(I, [E, I], indegree={"mean": 4, "distribution": "binomial"}, weight=-0.4e-3, delay={
        "distribution": "uniform", "min": 1e-3, "max": 2e-3})
    net.poisson([E, I], indegree=1000, rate=11, weight=0.1e-3)
    return net


@pytest.mark.parametrize("make", [small_network, lambda: nuphi.Network.from_matrices(
    ["E", "I"], nuphi.lif_exp(tau_m=10e-3, t_ref=2e-3, V_th=15e-3, V_reset=0, C_m=250e-12, tau_syn_ex=0.5e-3, tau_syn_in=0.5e-3),
    np.zeros((2, 2)), 0.0, sizes=[50, 50])], ids=["delta", "exponential_without_input"])
def test_a_network_comes_back_from_brian2(make):
    net = make()
    objects = net.to_brian2(seed=1)
    named = {k: g for k, g in zip(net.populations, sorted((o for o in objects.objects if type(o).__name__ == "NeuronGroup"),
                                                          key=lambda g: g.name))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nuphi.Brian2Warning)
        back = nuphi.from_brian2(objects, populations=named)
    # One step longer refractory; binomial in-degrees as drawn.
    theory, again = net.set({f"t_ref[{p}]": 2e-3 + 1e-4 for p in net.populations}).solve().rates, back.solve().rates
    assert again == pytest.approx(theory, rel=0.02, abs=1e-12)


def test_theory_and_simulation_agree_where_theory_holds():
    compared = small_network().compare("brian2", seeds=2, duration=1.0, bins=4)
    # Jumps of a step of 0.1 ms and of 0.1 mV: some percent of bias at most.
    assert compared.simulation == pytest.approx(compared.theory, rel=0.06)
    assert np.all(compared.standard_error < 0.1 * compared.theory)
    assert "standard error" in compared.report() and compared.to_dict()["settings"]["size"] == 400


def test_what_a_simulation_needs_is_asked_for():
    net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20e-3, t_ref=2e-3, V_th=20e-3, V_reset=10e-3))
    net.add("E")
    with pytest.raises(ValueError, match="give size"):
        net.to_brian2()
    assert [len(o) for o in net.to_brian2(size=7).objects] == [7]
    with pytest.raises(ValueError, match="none of brian2"):
        net.compare("nest")


def group_of(equations="dv/dt = (12*mV - v)/(20*ms) : volt (unless refractory)", *, N=100, threshold="v > 10*mV", reset="v = 0*mV",
             refractory=2 * brian2.ms, **options):
    return brian2.NeuronGroup(N, equations, threshold=threshold, reset=reset, refractory=refractory, method="euler",
                              name="neurons*", **options)


def connected(group, on_pre="v_post += 0.1*mV", target=None, model="", connect=True, **options):
    synapses = brian2.Synapses(group, group if target is None else target, model, on_pre=on_pre, name="synapses*", **options)
    if connect:
        synapses.connect(p=0.2)
    return synapses


@pytest.mark.parametrize("options, reason", [
    ({"reset": "v = v - 20*mV"}, "`v` changes in time"), ({"reset": "v -= 20*mV"}, "v is changed there, not set"),
    ({"refractory": "v > 5*mV"}, "no constant time"), ({"threshold": "v > 10*mV and v < 1*volt"}, "not read"),
    ({"equations": "dv/dt = (25*mV*(1 + 0.01*i) - v)/(20*ms) : volt (unless refractory)"}, "`i` is no constant"),
    ({"equations": "dv/dt = -v/(20*ms) + 0.5*v*xi/sqrt(20*ms) : volt (unless refractory)"}, "`v` changes in time"),
    ({"equations": "dv/dt = v/(20*ms) : volt (unless refractory)"}, "positive slope"),
    ({"equations": "dv/dt = (x - v)/(20*ms) : volt (unless refractory)\ndx/dt = -x/(5*ms) : volt (unless refractory)"},
     "x stands still"),
])
def test_neurons_that_are_not_what_they_seem_are_refused(options, reason):
    with pytest.raises(nuphi.ModelError, match=reason):
        nuphi.from_brian2(group_of(**options), namespace={"i": 3, "t": 0})


def test_synapses_and_inputs_that_would_be_lost_are_refused():
    group, other = group_of(), group_of()
    for objects, reason in [
        ([group, connected(group, target=other)], "its target neurons.* is not among the objects"),
        ([group, connected(group, connect=False)], "has no synapses"),
        ([group, connected(group, "v_post += 0.1*v_pre")], "`v_pre` changes in time"),
        ([group, brian2.PoissonInput(other, "v", N=10, rate=5 * brian2.Hz, weight=0.1 * brian2.mV)], "is not among the objects"),
        ([group, brian2.PoissonInput(group, "v", N=10, rate=5 * brian2.Hz, weight="nowhere")], "`nowhere` has no constant value"),
        ([group, connected(group, "v_post += w", model="w : amp")], "another dimension than v"),
    ]:
        with pytest.raises(nuphi.ModelError, match=reason):
            nuphi.from_brian2(*objects, namespace={})
    for populations in ({"E": group[:80]}, {"E": group[:80], "I": group[60:]}):
        with pytest.raises(nuphi.ModelError, match="leave out neurons|share neurons"):
            nuphi.from_brian2(group, connected(group), populations=populations)


def test_a_current_that_is_subtracted_is_inhibitory():
    group = group_of("dv/dt = (25*mV - v + ge - gi)/(20*ms) : volt (unless refractory)\ndge/dt = -ge/(2*ms) : volt\n"
                     "dgi/dt = -gi/(8*ms) : volt")
    with pytest.warns(nuphi.Brian2Warning):
        network = nuphi.from_brian2(group, connected(group, "ge += 0.5*mV"), connected(group, "gi += 1*mV"), namespace={})
    entries, name = network.entries, network.populations[0]
    assert entries[f"tau_syn_ex[{name}]"][0] == pytest.approx(2e-3) and entries[f"tau_syn_in[{name}]"][0] == pytest.approx(8e-3)
    assert entries[f"weight[{name}<-{name}]"][0] == pytest.approx(0.5e-3 * 2 / 20)
    assert entries[f"weight[{name}<-{name}]#2"][0] == pytest.approx(-1e-3 * 8 / 20)


def test_noise_of_neurons_with_exponential_synapses_stays_white():
    group = group_of("dv/dt = (8*mV + ge - v)/(10*ms) + 5*mV*xi/sqrt(10*ms) : volt (unless refractory)\n"
                     "dge/dt = -ge/(5*ms) : volt")
    weak = connected(group, "ge += 1*nvolt")
    white = nuphi.Network(neuron=nuphi.lif_delta(tau_m=10e-3, t_ref=2e-3, V_th=10e-3, V_reset=0, E_L=8e-3))
    white.add("E")
    white.noise("E", sigma=5e-3)
    with pytest.warns(nuphi.Brian2Warning):
        rate = nuphi.from_brian2(group, weak, namespace={}).solve().rates[0]
    assert rate == pytest.approx(white.solve().rates[0], rel=1e-4)
