#include <nuphi/models/model_family.h>
#include <nuphi/models/network_entries.h>
#include <nuphi/models/neuron_parameters.h>

#include "support.h"

namespace nuphi::test {
namespace {

/// Two populations of lif_exp neurons with everything that a neuron's parameters lead to: weights in
/// pA and as PSP, and a current.
std::string exponential(const std::string& neuron_of_E) {
  return R"(schema: nuphi/1
name: exponential
parameters: {g: 4, J: 0.1 mV}
neuron: {model: lif_exp, tau_m: 10 ms, t_ref: 2 ms, E_L: -65 mV, V_th: -50 mV, V_reset: -60 mV, C_m: 250 pF,
         tau_syn_ex: 0.5 ms, tau_syn_in: 1 ms}
populations:
  - {name: E, neuron: {)" +
         neuron_of_E + R"(}}
  - {name: I}
connections:
  - {from: E, to: all, indegree: 100, weight: 90 pA, delay: 1.5 ms}
  - {from: I, to: all, indegree: 20, psp: = -g * J, delay: 1 ms}
inputs:
  - {to: all, poisson: {indegree: 500, rate: 8 Hz, weight: 90 pA}}
  - {to: all, dc: {current: 100 pA}}
)";
}

std::string quantity_text(const NeuronParameter& p, double value) {
  return std::to_string(value) + " " + std::string(p.shown_unit);
}

TEST(ParameterNames, ANeuronParameterIsThatOfTheFileAndWhatFollowsFromIt) {
  const ModelFile file = ModelFile::parse(exponential(""));
  int changed = 0;
  for (const NeuronParameter& p : neuron_parameters(NeuronModel::kLifExp)) {
    const double value = p.name == "E_L"       ? -66
                         : p.name == "V_th"    ? -48
                         : p.name == "V_reset" ? -58
                         : p.name == "C_m"     ? 300
                                               : 1.75;
    const std::string text = quantity_text(p, value);
    const std::string name = "neuron." + std::string(p.name) + "[E]";
    const Model given = file.resolve(Overrides{{name, text}});
    const Model edited = ModelFile::parse(exponential(std::string(p.name) + ": " + text)).resolve();
    EXPECT_EQ(given.network, edited.network) << name;
    EXPECT_NE(given.network, file.resolve().network) << name;
    // It says so, in SI and on the scale of E_L.
    ASSERT_EQ(given.entries.size(), 1U);
    EXPECT_EQ(given.entries[0].name, name);
    EXPECT_EQ(given.entries[0].value, parse_quantity(text, p.unit));
    EXPECT_DOUBLE_EQ(find_parameter(edited, name).value().value, given.entries[0].value);
    // A number in SI does the same as the text.
    const std::map<std::string, double, std::less<>> number{{name, given.entries[0].value}};
    EXPECT_EQ(file.resolve(number).network, given.network) << name;
    ++changed;
  }
  EXPECT_EQ(changed, 8);
}

TEST(ParameterNames, AnEntryOfTheResolvedNetworkLeavesTheJumps) {
  const ModelFile file = ModelFile::parse(exponential(""));
  Network expected = file.resolve().network;
  expected.populations[0].neuron.tau_m = 12e-3;
  EXPECT_EQ(file.resolve(Overrides{{"tau_m[E]", "12 ms"}}).network, expected);
  // Of the file's neuron the drive of the current and the jump of the PSP follow.
  EXPECT_NE(file.resolve(Overrides{{"neuron.tau_m[E]", "12 ms"}}).network, expected);
}

TEST(ParameterNames, EntriesAreSetInTheNetworkThatParametersGive) {
  const ModelFile file = ModelFile::parse(exponential(""));
  Network expected = file.resolve(Overrides{{"g", "5"}}).network;
  expected.projections[1].indegree = 0;
  expected.projections[2].delay->mean = 3e-3;
  std::get<PoissonInput>(expected.inputs[0].source).rate = 9;
  const std::string from_E = "indegree[" +
                             expected.populations[expected.projections[1].target].name + "<-" +
                             expected.populations[expected.projections[1].source].name + "]";
  const std::string delay = "delay[" + expected.populations[expected.projections[2].target].name +
                            "<-" + expected.populations[expected.projections[2].source].name + "]";
  const Model given = file.resolve(
      Overrides{{"g", "5"}, {from_E, "0"}, {delay, "3 ms"}, {"input_rate[E]", "9 Hz"}});
  EXPECT_EQ(given.network, expected);
  EXPECT_EQ(given.entries.size(), 3U);
  EXPECT_EQ(given.parameters.size(), 2U);
}

TEST(ParameterNames, AWeightOntoExponentialSynapsesMayBeACurrent) {
  const ModelFile file = ModelFile::parse(exponential(""));
  const auto weight = [&](const std::string& name, const std::string& text) {
    return file.resolve(Overrides{{name, text}}).entries.at(0).value;
  };
  EXPECT_DOUBLE_EQ(weight("weight[E<-E]", "100 pA"), 0.5e-3 * 100e-12 / 250e-12);
  // The sign chooses the synapses.
  EXPECT_DOUBLE_EQ(weight("weight[E<-I]", "-100 pA"), -1e-3 * 100e-12 / 250e-12);
  EXPECT_DOUBLE_EQ(weight("input_weight[E]", "100 pA"), 0.5e-3 * 100e-12 / 250e-12);
  EXPECT_DOUBLE_EQ(weight("weight[E<-E]", "0.2 mV"), 0.2e-3);
}

TEST(ParameterNames, EveryNameOfTheNetworkIsFoundWithItsValue) {
  const Model model = ModelFile::parse(exponential("")).resolve();
  const std::vector<NetworkEntry> entries = network_entries(model.network);
  const std::vector<std::string> names = entry_names(model.network, entries);
  for (std::size_t k = 0; k < names.size(); ++k) {
    EXPECT_EQ(find_parameter(model, names[k]).value().value,
              entry_value(model.network, entries[k]));
  }
  EXPECT_EQ(neuron_parameter_names(model.network).size(), 16U);
  EXPECT_EQ(find_parameter(model, "neuron.V_th[I]").value().value, -50e-3);
  EXPECT_EQ(find_parameter(model, "V_th[I]").value().value, 15e-3);
  EXPECT_EQ(find_parameter(model, "g").value().value, 4);
  EXPECT_EQ(find_parameter(model, "delay[E<-I]").value().value, 1e-3);
}

TEST(ParameterNames, OtherUnitsTakeTheirParametersToo) {
  const std::string text =
      "schema: nuphi/1\nname: unit\nneuron: {model: power_law, rate: 10 Hz, at: 5 mV}\n"
      "populations: [{name: E}]\ninputs: [{to: E, dc: {drive: 7 mV}}]\n";
  const Model model = ModelFile::parse(text).resolve(Overrides{{"neuron.rate[E]", "12 Hz"}});
  EXPECT_EQ(model.network.populations[0].neuron.power_law.rate, 12);
  EXPECT_FALSE(find_parameter(model, "neuron.t_ref[E]"));
}

struct BadName {
  const char *name, *value, *code, *message, *hint;
};

class BadNames : public testing::TestWithParam<BadName> {};

TEST_P(BadNames, SaysWhatIsWrongAndWhatWasMeant) {
  const BadName& bad = GetParam();
  const ModelFile file = ModelFile::parse(exponential(""));
  try {
    (void)file.resolve(Overrides{{bad.name, bad.value}});
    FAIL() << "no fault";
  } catch (const ModelError& error) {
    const Diagnostic& d = error.diagnostics().at(0);
    EXPECT_EQ(d.code, bad.code);
    EXPECT_EQ(d.file, "");  // the command line is to blame
    EXPECT_EQ(d.path, bad.name);
    EXPECT_NE(d.message.find(bad.message), std::string::npos) << d.message;
    EXPECT_NE(d.hint.find(bad.hint), std::string::npos) << d.hint;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadNames,
    testing::Values(
        BadName{"gg", "3", "unknown-parameter", "no parameter \"gg\"", "did you mean `g`?"},
        BadName{"indegree[E<-X]", "3", "unknown-parameter", "no population \"X\"; there are E, I",
                "`indegree[E<-E]`"},
        BadName{"indegre[E<-I]", "3", "unknown-parameter", "no entries of the kind \"indegre\"",
                "`indegree[E<-I]`"},
        BadName{"C_m[E]", "3 pF", "unknown-parameter", "no entries of the kind \"C_m\"",
                "`neuron.C_m[E]`"},
        BadName{"neuron.tau_mm[E]", "3 ms", "unknown-parameter", "they have tau_m, t_ref",
                "`tau_m`"},
        BadName{"neuron.tau_m[EE]", "3 ms", "unknown-parameter", "no population \"EE\"", "`E`"},
        BadName{"neuron.tau_m", "3 ms", "unknown-parameter", "does not say of which population",
                "`neuron.tau_m[E]`"},
        BadName{"tau_m", "3 ms", "unknown-parameter", "entries of this kind are tau_m[E]", ""},
        BadName{"input_rate[E]", "9", "missing-unit", "a rate", "9 Hz"},
        BadName{"input_rate[E]", "9 mV", "wrong-unit", "is a voltage", ""},
        BadName{"neuron.tau_m[E]", "9 mV", "wrong-unit", "is a voltage", ""},
        BadName{"indegree[E<-I]", "-1", "out-of-range", "indegree is -1", ""},
        BadName{"neuron.t_ref[E]", "-1 ms", "out-of-range", "t_ref is -1 ms", ""},
        BadName{"neuron.V_th[E]", "-80 mV", "reset-above-threshold", "V_th (-80 mV)", ""},
        BadName{"indegree[E<-I]", "= 2 * g", "no-expression", "takes a number", "= NAME"}));

TEST(ModelFamily, MovesWhateverANameStandsFor) {
  const ModelFile file = ModelFile::parse(exponential(""));
  const std::vector<std::string> names = {"g", "neuron.C_m[E]", "indegree[E<-I]"};
  const ModelFamily family = model_family(file, {{"input_rate[E]", "9 Hz"}}, names);
  EXPECT_EQ(family.parameters[1].unit, "F");
  EXPECT_EQ(family.values(), Eigen::Vector3d(4, 250e-12, 20));
  EXPECT_EQ(family.parameters[2].lower, 0);
  EXPECT_EQ(family.network(Eigen::Vector3d(5, 300e-12, 30)),
            file.resolve(Overrides{{"g", "5"},
                                   {"neuron.C_m[E]", "300 pF"},
                                   {"indegree[E<-I]", "30"},
                                   {"input_rate[E]", "9 Hz"}})
                .network);
}

}  // namespace
}  // namespace nuphi::test
