"""Networks loaded and built, and what follows from them, against tables and the program's own checks."""

import inspect
import pickle

import numpy as np
import pytest
from tables import MODELS, columns, rows, states

import nuphi
from nuphi.units import Hz, mV, ms, pA, pF


def brunel():
    net = nuphi.Network(neuron=nuphi.lif_delta(tau_m=20*ms, t_ref=2*ms, V_th=20*mV, V_reset=10*mV))
    E, I = net.add("E", 10000), net.add("I", 2500)
    net.connect(E, [E, I], indegree=1000, weight=.1*mV, delay=1.5*ms)
    net.connect(I, [E, I], indegree=250, weight=-.5*mV, delay=1.5*ms)
    net.poisson([E, I], indegree=1000, rate=20*Hz, weight=.1*mV)
    return net


@pytest.fixture(scope="module")
def model():
    return nuphi.load(MODELS / "brunel2000.yaml")


def test_a_built_network_is_the_loaded_one(model):
    built, loaded = brunel().solve(), model.solve()
    assert built.converged and loaded.converged and built.populations == ("E", "I")
    np.testing.assert_allclose(built.rates, loaded.rates, rtol=1e-13)
    assert loaded.rates == pytest.approx([37.9497, 37.9497], rel=1e-4)  # the model's own `expect`
    np.testing.assert_allclose(nuphi.siegert(loaded.mean_input, loaded.std_input).rate, loaded.rates, rtol=1e-13)


def test_states_are_those_of_the_table_of_ei_networks():
    table = rows("ei_delta.csv")[::5]
    neuron = nuphi.lif_delta(tau_m=20*ms, t_ref=2*ms, V_th=20*mV, V_reset=10*mV)
    found_all = 0
    for row in table:
        value = {name: float(text) for name, text in row.items()}
        def matrix(kind):
            return np.array([[value[f"{kind}_EE"], value[f"{kind}_EI"]], [value[f"{kind}_IE"], value[f"{kind}_II"]]])
        net = nuphi.Network.from_matrices(["E", "I"], neuron, matrix("K"), matrix("J"))
        for name in "EI":
            net.poisson(name, indegree=value[f"K_ext_{name}"], rate=value["nu_ext"], weight=value[f"J_ext_{name}"])
        truth = np.array([value["rate_E"], value["rate_I"]])
        state = net.solve(initial=truth * 1.001)
        np.testing.assert_allclose(state.rates, truth, rtol=1e-9, atol=1e-9)  # NNMT's, polished
        found_all += state.converged
    assert found_all == len(table)


def test_sparse_matrices_are_taken():
    sparse = pytest.importorskip("scipy.sparse")
    neuron = nuphi.lif_exp(tau_m=10*ms, t_ref=2*ms, V_th=15*mV, V_reset=0, C_m=250*pF, tau_syn_ex=.5*ms, tau_syn_in=.5*ms)
    K, J = np.array([[100, 20], [0, 30]]), np.array([[87.8, -351.2], [87.8, -351.2]]) * pA
    nets = []
    for matrices in ((K, J), (sparse.csr_matrix(K), sparse.csr_matrix(J))):
        nets.append(nuphi.Network.from_matrices(["a", "b"], [neuron, neuron], *matrices))
        nets[-1].noise("all", mean=14*mV, sigma=4*mV)
    np.testing.assert_array_equal(nets[0].solve().rates, nets[1].solve().rates)
    with pytest.raises(ValueError, match=r"shape \(2, 3\)"):
        nuphi.Network.from_matrices(["a", "b"], neuron, np.ones((2, 3)), J)


@pytest.mark.parametrize("case", states("networks.json")[:6], ids=lambda case: case["name"])
def test_all_states_of_networks_whose_states_were_counted(case, tmp_path):
    file = tmp_path / "model.yaml"
    file.write_text(case["yaml"], encoding="utf-8")

    def ordered(states):  # whatever the last digits of the rates that vanish
        return sorted(np.asarray(states).tolist(), key=lambda state: np.round(state, 4).tolist())

    found = nuphi.load(file).fixed_points()
    np.testing.assert_allclose(ordered(found.rates), ordered(case["fixed_points_hz"]), rtol=1e-8, atol=1e-8)
    assert found.index_sum == 1 and found.missing_states is False  # the indices of all states add up to 1


def test_every_state_of_a_bistable_model():
    model = nuphi.load(MODELS / "bistable.yaml")
    found = model.fixed_points()
    assert [s.rate_dynamics_stable for s in found] == [False, True, True]  # the saddle has the lowest total rate
    np.testing.assert_allclose(sorted(s.rates.tolist() for s in found),  # its `expect`, rtol as there
                               [[0.9845069540959817, 22.78301102865191], [7.385645130483143, 12.72020908381277],
                                [25.75878477522303, 0.3069649432484707]], rtol=1e-10)


def test_the_microcircuit_gives_the_published_rates():
    state = nuphi.load(MODELS / "microcircuit.yaml").solve()
    np.testing.assert_allclose(state.rates, [0.7542, 2.7937, 4.4402, 5.8229, 7.1536, 8.4698, 1.1597, 7.7557], rtol=1e-3)
    assert state["4E"].rate == state.rates[2]
    with pytest.raises(KeyError, match="no population '4X'"):
        state["4X"]
    fewer = nuphi.load(MODELS / "microcircuit.yaml").set({"input_rate[4E]": 7.5*Hz}).solve()
    assert fewer["4E"].rate < state["4E"].rate


def test_parameters_and_entries_are_set_on_a_copy(model):
    assert model.parameters["g"] == 5 and model.parameters["J"] == pytest.approx(.1*mV)
    assert model.parameters["J"].unit == "mV" and model.parameters["nu_thr"].is_expression
    changed = model.set(g=4.5)
    assert (model.parameters["g"].value, changed.parameters["g"].value) == (5, 4.5)
    assert changed.solve().rates[0] > model.solve().rates[0]
    by_entry = model.set({"input_rate[E]": 25*Hz, "input_rate[I]": "25 Hz"})
    np.testing.assert_allclose(by_entry.solve().rates, model.set(eta=2.5).solve().rates, rtol=1e-12)
    np.testing.assert_allclose(model.set(J="0.2 mV").solve().rates, model.set(J=.2*mV).solve().rates, rtol=1e-13)
    np.testing.assert_array_equal(nuphi.load(MODELS / "brunel2000.yaml", g=4.5).solve().rates, changed.solve().rates)


def test_a_saved_model_loads_to_the_same_state(model, tmp_path):
    changed = model.set(g=6)
    changed.save(tmp_path / "six.yaml")
    np.testing.assert_allclose(nuphi.load(tmp_path / "six.yaml").solve().rates, changed.solve().rates, rtol=1e-14)


def test_a_branch_passes_its_folds():
    model = nuphi.load(MODELS / "bistable.yaml")
    branch = model.continue_("drive", 15*mV, 22*mV)
    folds = [p for p in branch.special if p.type == "fold"]
    assert len(folds) == 2
    first, second = branch.value[:-1], branch.value[1:]
    assert (second < first).any() and branch.rates.shape == (len(branch), 2)  # it turns back between the folds
    assert {s for s in branch.stable} == {True, False}
    middle = len(branch) // 2  # every point is a state of the model there
    state = model.set(drive=float(branch.value[middle])).solve(initial=branch.rates[middle])
    np.testing.assert_allclose(state.rates, branch.rates[middle], rtol=1e-6)


def test_modes_are_those_of_the_table(model):
    for row in rows("brunel2000_modes.csv")[:8]:
        found = model.set(g=float(row["g"]), eta=float(row["eta"])).stability(refractoriness=row["response"])
        assert found.unstable_modes == int(row["unstable_modes"])
        near = np.hypot(found.growth_rates - float(row["growth_rate"]),
                        2 * np.pi * (found.frequencies - float(row["frequency"])))
        assert near.min() < 1e-6 * (1 + abs(float(row["growth_rate"])))


def test_spectra_obey_their_defining_equation(model):
    f = np.array([1.0, 40.0, 180.0])
    state = model.solve()
    found = model.spectra(f, state)
    assert found.power.shape == (3, 2) and found.cross.shape == (3, 2, 2)
    for k in range(3):  # C = P D P^H, P = (1 - M)^-1, D = rate/size
        P = np.linalg.inv(np.eye(2) - found.effective_connectivity[k])
        C = P @ np.diag(state.rates / np.array([10000, 2500])) @ P.conj().T
        np.testing.assert_allclose(found.cross[k], C, rtol=1e-9)
    with pytest.raises(ValueError):
        model.spectra([-1.0])


def test_colour_response_of_networks():
    circuit = nuphi.load(MODELS / "microcircuit.yaml")
    assert circuit.stability().unstable_modes == 2
    assert circuit.stability(colour_response="quasi_static").unstable_modes == 6
    with pytest.raises(nuphi.ModelError, match="exact and uniform"):
        circuit.spectra([20.0], colour_response="exact")
    with pytest.raises(ValueError, match="moving, quasi_static, exact"):
        circuit.spectra([20.0], colour_response="still")


def test_exact_response_of_networks_is_that_of_their_neurons(tmp_path):
    (tmp_path / "m.yaml").write_text((MODELS / "microcircuit.yaml").read_text().replace("correction: shift", "correction: exact"))
    circuit = nuphi.load(tmp_path / "m.yaml")
    state = circuit.solve()
    spectra = circuit.spectra([20.0, 90.0], state, colour_response="exact")
    for k in (0, 5):
        alone = nuphi.response([20.0, 90.0], mu=state.mean_input[k], sigma=state.std_input[k], tau_m=10*ms, t_ref=2*ms,
                               V_th=15*mV, V_reset=0, tau_syn=.5*ms, correction="exact")
        np.testing.assert_allclose(spectra.response_mu[:, k], alone.mu, rtol=1e-3)
    with pytest.raises(nuphi.ModelError, match="off the imaginary axis"):
        circuit.stability(state, colour_response="exact")


def test_sensitivities_are_differences_of_states(model):
    by_name = {s.parameter: s for s in model.sensitivity()}
    for name, step in (("g", 1e-4), ("J", 1e-9), ("eta", 1e-4)):
        value = model.parameters[name].value
        up, down = (model.set({name: value + d}).solve().rates for d in (step, -step))
        np.testing.assert_allclose(by_name[name].drate, (up - down) / (2 * step), rtol=1e-5)  # O(step^2)
    (one,) = model.sensitivity(["input_rate[E]"])
    assert one.unit == "Hz" and one.drate.shape == (2,)


def test_a_state_of_another_network_is_refused(model):
    with pytest.raises(ValueError):
        model.stability(model.set(g=4).solve())


def test_no_convergence_raises_only_when_asked(model):
    state = model.solve(method="relaxation", max_iterations=2)
    assert not state.converged and state.termination == "max_iterations" and "brunel2000" in state.report()
    with pytest.raises(nuphi.NotConverged) as caught:
        model.solve(method="relaxation", max_iterations=2, check=True)
    assert caught.value.state.termination == "max_iterations"
def test_hopf_points_of_the_table_lie_on_the_branch(model):
    row = rows("brunel2000_hopf.csv")[0]
    branch = model.set(eta=4).continue_("g", 5, 6)
    (hopf,) = [p for p in branch.special if p.type == "hopf"]
    assert hopf.value == pytest.approx(float(row["g"]), rel=1e-8)
    assert hopf.frequency == pytest.approx(float(row["frequency"]), rel=1e-7)




def test_everyday_names_work_together(model):
    """The lines of the contract, in its order."""
    rates, slope_mu, slope_sigma = nuphi.siegert(np.linspace(10, 30, 200)*mV, 5*mV, tau_m=10*ms, V_th=20*mV, gradient=True)
    assert rates.shape == slope_mu.shape == slope_sigma.shape == (200,)
    state = brunel().solve()
    population = state["E"]
    assert state.converged and population.rate == state.rates[0] and population.name == "E"
    assert 0 < population.cv < 1 and population.mean_input > 0 and population.error_estimate < 1e-9
    assert set(population.notes) <= set(state.notes)
    branch = model.continue_("eta", 0.5, 4, hopf=False)
    assert branch.termination == "reached" and branch.value[-1] == pytest.approx(4)
    assert model.stability().stable and model.spectra(np.arange(1, 10)).power.shape == (9, 2)
    assert model.covariances().pairwise.shape == (2, 2) and len(model.sensitivity()) == len(model.parameters)


def test_one_grammar_of_names_in_set_continue_sensitivity_and_fit():
    model = nuphi.load(MODELS / "microcircuit.yaml")
    changed = model.set({"neuron.C_m[4E]": "300 pF", "indegree[23E<-4E]": 0, "delay[4E<-4I]": 2e-3})
    assert changed.entries["neuron.C_m[4E]"] == (300e-12, "F") and changed.entries["indegree[23E<-4E]"] == (0, "1")
    assert changed.entries["delay[4E<-4I]"] == (2e-3, "s")
    # The jumps of weights in pA follow from the file's capacitance.
    ratio = changed.entries["weight[4E<-4I]"][0] / model.entries["weight[4E<-4I]"][0]
    assert ratio == pytest.approx(250 / 300, rel=1e-15)
    assert pickle.loads(pickle.dumps(changed)).entries == changed.entries
    branch = model.continue_("neuron.C_m[4E]", "250 pF", "300 pF", hopf=False)
    there = model.set({"neuron.C_m[4E]": "300 pF"}).solve()
    np.testing.assert_allclose(branch.rates[-1], there.rates, rtol=1e-8)
    found = {s.parameter: s for s in model.sensitivity(["neuron.C_m[4E]", "indegree[23E<-4E]"])}
    step = 1e-4 * 250e-12
    at = [model.set({"neuron.C_m[4E]": 250e-12 + d}).solve().rates for d in (-step, step)]
    np.testing.assert_allclose(found["neuron.C_m[4E]"].drate, (at[1] - at[0]) / (2 * step), rtol=1e-5)
    with pytest.raises(nuphi.ModelError, match="did you mean `tau_m`"):
        model.set({"neuron.tau_mm[4E]": 1e-3})


def test_neuron_parameters_of_a_built_network():
    net = nuphi.Network(neuron=nuphi.lif_exp(tau_m=10*ms, t_ref=2*ms, V_th=15*mV, V_reset=0*mV, C_m=250*pF,
                                             tau_syn_ex=0.5*ms, tau_syn_in=0.5*ms))
    E = net.add("E", 100)
    net.poisson(E, indegree=1000, rate=9*Hz, weight=90*pA)
    slower = net.set({"neuron.C_m[E]": 500e-12})
    assert slower.entries["input_weight[E]"][0] == pytest.approx(net.entries["input_weight[E]"][0] / 2, rel=1e-15)
    assert net.set({"tau_m[E]": 12*ms}).entries["neuron.tau_m[E]"] == (12e-3, "s")


@pytest.mark.parametrize("model", ["lif_delta", "lif_exp"])
def test_constructors_of_neurons_take_what_the_table_of_the_library_has(model):
    table = nuphi._core.neuron_parameters(model)
    made = getattr(nuphi, model)
    given = {name: 0.01 for name in inspect.signature(made).parameters}
    assert set(made(**given)) == {"model", *table}
    assert set(given) == set(table) - ({"tau_syn_ex", "tau_syn_in"} if model == "lif_delta" else set())
