#include <nuphi/models/schema.h>

#include <array>

namespace nuphi {
namespace {

using T = SchemaType;
using S = SchemaShape;

constexpr std::array kSchema = {
    SchemaKey{"", "schema", T::kChoice, S::kOne, true, "", "nuphi/1", "version of the format"},
    SchemaKey{"", "name", T::kText, S::kOne, false, "", "", "name of the model, used in results"},
    SchemaKey{"", "reference", T::kText, S::kOne, false, "", "",
              "where the model comes from: free text, a DOI"},
    SchemaKey{"", "units", T::kChoice, S::kOne, false, "", "nest",
              "`nest`: bare numbers are in ms, mV, pA, pF, Hz; without it they are faults where a "
              "unit is due"},
    SchemaKey{"", "parameters", T::kMap, S::kOne, false, "", "",
              "named quantities, numbers and expressions; what `--set`, sweeps, continuation and "
              "fits vary"},
    SchemaKey{"", "neuron", T::kMap, S::kOne, false, "", "",
              "neuron parameters of every population"},
    SchemaKey{"", "populations", T::kList, S::kOne, true, "", "",
              "the populations; their order is that of matrices and results"},
    SchemaKey{
        "", "connections", T::kList, S::kOne, false, "", "",
        "rules from population to population, or matrices; several between two populations add up"},
    SchemaKey{"", "inputs", T::kList, S::kOne, false, "", "",
              "input from outside; several to a population add up"},
    SchemaKey{"", "solve", T::kMap, S::kOne, false, "", "", "what to look for, and how"},
    SchemaKey{"", "expect", T::kMap, S::kOne, false, "", "", "results that `nuphi check` verifies"},

    SchemaKey{"neuron", "model", T::kChoice, S::kOne, true, "", "lif_delta|lif_exp",
              "`lif_delta`: synapses are jumps of the membrane (NEST iaf_psc_delta); `lif_exp`: "
              "exponential currents (iaf_psc_exp)"},
    SchemaKey{"neuron", "tau_m", T::kTime, S::kOne, true, "", "", "membrane time constant"},
    SchemaKey{"neuron", "t_ref", T::kTime, S::kOne, true, "", "", "absolute refractory time"},
    SchemaKey{"neuron", "E_L", T::kVoltage, S::kOne, false, "0 mV", "",
              "resting potential; subtracted from the other potentials"},
    SchemaKey{"neuron", "V_th", T::kVoltage, S::kOne, true, "", "",
              "threshold, on the scale of E_L"},
    SchemaKey{"neuron", "V_reset", T::kVoltage, S::kOne, true, "", "",
              "reset, on the scale of E_L, below V_th"},
    SchemaKey{"neuron", "C_m", T::kCapacitance, S::kOne, false, "", "",
              "membrane capacitance; needed for weights and currents in pA"},
    SchemaKey{"neuron", "tau_syn_ex", T::kTime, S::kOne, false, "", "",
              "time constant of excitatory synapses; needed by lif_exp"},
    SchemaKey{"neuron", "tau_syn_in", T::kTime, S::kOne, false, "", "",
              "time constant of inhibitory synapses; needed by lif_exp"},

    SchemaKey{"populations[]", "name", T::kText, S::kOne, true, "", "", "unique; not `all`"},
    SchemaKey{"populations[]", "kind", T::kChoice, S::kOne, false, "", "excitatory|inhibitory",
              "checked against the signs of the weights when given"},
    SchemaKey{"populations[]", "size", T::kNumber, S::kOne, false, "", "",
              "number of neurons; needed by `probability` and `synapses`"},
    SchemaKey{"populations[]", "neuron", T::kMap, S::kOne, false, "", "",
              "parameters that differ from the top level's `neuron`"},

    SchemaKey{"connections[]", "from", T::kNames, S::kOne, false, "", "",
              "source: a name, a list of names, or `all`"},
    SchemaKey{"connections[]", "to", T::kNames, S::kOne, false, "", "",
              "target: a name, a list of names, or `all`"},
    SchemaKey{"connections[]", "matrix", T::kMap, S::kOne, false, "", "",
              "in place of `from`, `to` and the in-degree: numbers for all pairs, rows = target, "
              "columns = source"},
    SchemaKey{"connections[]", "rule", T::kChoice, S::kOne, false, "pairwise", "pairwise|multapse",
              "with `probability`: pairwise K = p N_pre, multapse K = ln(1-p) / ln(1 - 1/(N_pre "
              "N_post)) / N_post"},
    SchemaKey{"connections[]", "indegree", T::kNumber, S::kPerPair, false, "", "",
              "synapses a target neuron receives from the source; or {mean, distribution}"},
    SchemaKey{"connections[]", "probability", T::kNumber, S::kPerPair, false, "", "",
              "connection probability, in [0, 1]; see `rule`"},
    SchemaKey{"connections[]", "synapses", T::kNumber, S::kPerPair, false, "", "",
              "total number of synapses from source to target"},
    SchemaKey{"connections[]", "weight", T::kWeight, S::kPerPair, false, "", "",
              "jump of the membrane (mV) for lif_delta, peak of the postsynaptic current (pA) for "
              "lif_exp"},
    SchemaKey{"connections[]", "psp", T::kVoltage, S::kPerPair, false, "", "",
              "in place of `weight`: peak of the postsynaptic potential"},
    SchemaKey{"connections[]", "weight_cv", T::kNumber, S::kPerPair, false, "0", "",
              "standard deviation of the weights over their mean"},
    SchemaKey{"connections[]", "delay", T::kTime, S::kPerPair, false, "", "",
              "a time, or a distribution; only dynamics needs it"},
    SchemaKey{"connections[]", "except", T::kList, S::kOne, false, "", "",
              "pairs whose values differ"},

    SchemaKey{"connections[].matrix", "rule", T::kChoice, S::kOne, false, "pairwise",
              "pairwise|multapse", "as beside `from` and `to`"},
    SchemaKey{"connections[].matrix", "indegree", T::kNumber, S::kPerPair, false, "", "",
              "matrix of in-degrees"},
    SchemaKey{"connections[].matrix", "probability", T::kNumber, S::kPerPair, false, "", "",
              "matrix of probabilities"},
    SchemaKey{"connections[].matrix", "synapses", T::kNumber, S::kPerPair, false, "", "",
              "matrix of synapse numbers"},

    SchemaKey{"connections[].except[]", "from", T::kNames, S::kOne, true, "", "",
              "source of the pairs"},
    SchemaKey{"connections[].except[]", "to", T::kNames, S::kOne, true, "", "",
              "target of the pairs"},
    SchemaKey{"connections[].except[]", "rule", T::kChoice, S::kOne, false, "pairwise",
              "pairwise|multapse", "of a `probability` here"},
    SchemaKey{"connections[].except[]", "indegree", T::kNumber, S::kOne, false, "", "",
              "in place of the connection's"},
    SchemaKey{"connections[].except[]", "probability", T::kNumber, S::kOne, false, "", "",
              "in place of the connection's"},
    SchemaKey{"connections[].except[]", "synapses", T::kNumber, S::kOne, false, "", "",
              "in place of the connection's"},
    SchemaKey{"connections[].except[]", "weight", T::kWeight, S::kOne, false, "", "",
              "in place of the connection's"},
    SchemaKey{"connections[].except[]", "psp", T::kVoltage, S::kOne, false, "", "",
              "in place of the connection's"},
    SchemaKey{"connections[].except[]", "weight_cv", T::kNumber, S::kOne, false, "", "",
              "in place of the connection's"},
    SchemaKey{"connections[].except[]", "delay", T::kTime, S::kOne, false, "", "",
              "in place of the connection's"},

    SchemaKey{"indegree", "mean", T::kNumber, S::kPerPair, true, "", "", "mean in-degree"},
    SchemaKey{"indegree", "distribution", T::kChoice, S::kOne, true, "", "fixed|binomial|poisson",
              "how in-degrees differ between neurons; feeds the rate distributions"},

    SchemaKey{"delay", "distribution", T::kChoice, S::kOne, true, "",
              "constant|uniform|exponential|gamma|truncated_gaussian|gaussian|lognormal",
              "constant and exponential take `mean`; uniform `min` and `max`; the others `mean` "
              "and `sd`"},
    SchemaKey{"delay", "mean", T::kTime, S::kPerPair, false, "", "",
              "truncated_gaussian: of the normal before it is cut at 0"},
    SchemaKey{"delay", "sd", T::kTime, S::kPerPair, false, "", "",
              "truncated_gaussian: of the normal before it is cut at 0"},
    SchemaKey{"delay", "min", T::kTime, S::kPerPair, false, "", "", ""},
    SchemaKey{"delay", "max", T::kTime, S::kPerPair, false, "", "", ""},

    SchemaKey{"inputs[]", "to", T::kNames, S::kOne, true, "", "",
              "target: a name, a list of names, or `all`"},
    SchemaKey{"inputs[]", "poisson", T::kMap, S::kOne, false, "", "",
              "independent Poisson spike trains"},
    SchemaKey{"inputs[]", "dc", T::kMap, S::kOne, false, "", "", "constant input"},
    SchemaKey{"inputs[]", "noise", T::kMap, S::kOne, false, "", "", "Gaussian white noise"},

    SchemaKey{"inputs[].poisson", "indegree", T::kNumber, S::kPerTarget, false, "1", "",
              "spike trains a neuron receives"},
    SchemaKey{"inputs[].poisson", "rate", T::kRate, S::kPerTarget, true, "", "",
              "of each spike train"},
    SchemaKey{"inputs[].poisson", "weight", T::kWeight, S::kPerTarget, false, "", "",
              "as in `connections`"},
    SchemaKey{"inputs[].poisson", "psp", T::kVoltage, S::kPerTarget, false, "", "",
              "in place of `weight`: peak of the postsynaptic potential"},
    SchemaKey{"inputs[].poisson", "weight_cv", T::kNumber, S::kPerTarget, false, "0", "",
              "standard deviation of the weights over their mean"},

    SchemaKey{"inputs[].dc", "drive", T::kVoltage, S::kPerTarget, false, "", "",
              "contribution to the mean input"},
    SchemaKey{"inputs[].dc", "current", T::kCurrent, S::kPerTarget, false, "", "",
              "in place of `drive`: a current, which contributes tau_m I / C_m"},

    SchemaKey{"inputs[].noise", "mean", T::kVoltage, S::kPerTarget, false, "0 mV", "",
              "contribution to the mean input"},
    SchemaKey{"inputs[].noise", "sigma", T::kVoltage, S::kPerTarget, true, "", "",
              "its square adds to the variance; tau_m dV = -(V - mu) dt + sigma sqrt(tau_m) dW"},

    SchemaKey{"solve", "find", T::kChoice, S::kOne, false, "one", "one|all",
              "one fixed point, or all that many starts reach"},
    SchemaKey{"solve", "method", T::kChoice, S::kOne, false, "auto",
              "auto|newton|ceres|anderson|relaxation",
              "`auto`: what relaxation from zero rates reaches, by a faster road"},
    SchemaKey{"solve", "correction", T::kChoice, S::kOne, false, "",
              "none|shift|taylor|shift_refractory|adiabatic",
              "how synaptic filtering enters the rate; default `shift` with lif_exp, `none` with "
              "lif_delta"},
    SchemaKey{"solve", "tolerance", T::kRate, S::kOne, false, "1e-10 Hz", "",
              "on max |nu - Phi(nu)|"},
    SchemaKey{"solve", "max_iterations", T::kInteger, S::kOne, false, "1000", "", "of the method"},
    SchemaKey{"solve", "starts", T::kInteger, S::kOne, false, "64", "",
              "find all: number of starting points"},
    SchemaKey{"solve", "seed", T::kInteger, S::kOne, false, "1", "",
              "find all: seed of the starting points"},
    SchemaKey{"solve", "max_rate", T::kRate, S::kOne, false, "", "",
              "find all: upper end of the starting rates; default 1/t_ref"},

    SchemaKey{"expect", "fixed_points", T::kList, S::kOne, true, "", "",
              "fixed points that must be found"},
    SchemaKey{"expect.fixed_points[]", "rates", T::kRate, S::kPerTarget, true, "", "",
              "one rate a population"},
    SchemaKey{"expect.fixed_points[]", "stable", T::kBoolean, S::kOne, false, "", "",
              "under rate dynamics with one time constant for all"},
    SchemaKey{"expect.fixed_points[]", "rtol", T::kNumber, S::kOne, false, "1e-6", "",
              "|x - e| <= atol + rtol |e|"},
    SchemaKey{"expect.fixed_points[]", "atol", T::kRate, S::kOne, false, "1e-9 Hz", "",
              "|x - e| <= atol + rtol |e|"},

    SchemaKey{"array", "val", T::kAny, S::kOne, false, "", "", "number, list, or list of rows"},
    SchemaKey{"array", "file", T::kText, S::kOne, false, "", "",
              "in place of `val`: .csv, .npy or .mtx, relative to the model file"},
    SchemaKey{"array", "unit", T::kText, S::kOne, false, "", "",
              "of all numbers; not where they have none"},

    SchemaKey{"by kind", "excitatory", T::kAny, S::kOne, true, "", "",
              "value for excitatory sources"},
    SchemaKey{"by kind", "inhibitory", T::kAny, S::kOne, true, "", "",
              "value for inhibitory sources"},
};

}  // namespace

std::span<const SchemaKey> schema() { return kSchema; }

const SchemaKey* schema_key(std::string_view section, std::string_view key) {
  for (const SchemaKey& entry : kSchema) {
    if (entry.section == section && entry.key == key) return &entry;
  }
  return nullptr;
}

}  // namespace nuphi
