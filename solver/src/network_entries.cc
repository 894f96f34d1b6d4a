#include <nuphi/solver/network_entries.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <tuple>
#include <variant>

namespace nuphi {
namespace {

struct KindInfo {
  EntryKind kind;
  std::string_view name;
  std::string_view unit;
};

constexpr std::array<KindInfo, 18> kKinds = {{
    {EntryKind::kIndegree, "indegree", "1"},
    {EntryKind::kWeight, "weight", "V"},
    {EntryKind::kWeightCv, "weight_cv", "1"},
    {EntryKind::kTauM, "tau_m", "s"},
    {EntryKind::kTRef, "t_ref", "s"},
    {EntryKind::kVTh, "V_th", "V"},
    {EntryKind::kVReset, "V_reset", "V"},
    {EntryKind::kTauSyn, "tau_syn", "s"},
    {EntryKind::kTauSynEx, "tau_syn_ex", "s"},
    {EntryKind::kTauSynIn, "tau_syn_in", "s"},
    {EntryKind::kInputIndegree, "input_indegree", "1"},
    {EntryKind::kInputRate, "input_rate", "Hz"},
    {EntryKind::kInputWeight, "input_weight", "V"},
    {EntryKind::kInputWeightCv, "input_weight_cv", "1"},
    {EntryKind::kDcDrive, "dc_drive", "V"},
    {EntryKind::kNoiseMean, "noise_mean", "V"},
    {EntryKind::kNoiseSigma, "noise_sigma", "V"},
    {EntryKind::kInputTauSyn, "input_tau_syn", "s"},
}};

const KindInfo& info(EntryKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

bool of_projection(EntryKind kind) { return kind <= EntryKind::kWeightCv; }
bool of_population(EntryKind kind) {
  return kind >= EntryKind::kTauM && kind <= EntryKind::kTauSynIn;
}

/// The number an entry stands for, in place. τ_syn stands twice in a neuron: the excitatory one is
/// given.
template <class NetworkType>
auto& number(NetworkType& network, const NetworkEntry& entry) {
  const auto index = static_cast<std::size_t>(entry.index);
  switch (entry.kind) {
    case EntryKind::kIndegree:
      return network.projections.at(index).indegree;
    case EntryKind::kWeight:
      return network.projections.at(index).weight;
    case EntryKind::kWeightCv:
      return network.projections.at(index).weight_cv;
    case EntryKind::kTauM:
      return network.populations.at(index).neuron.tau_m;
    case EntryKind::kTRef:
      return network.populations.at(index).neuron.t_ref;
    case EntryKind::kVTh:
      return network.populations.at(index).neuron.V_th;
    case EntryKind::kVReset:
      return network.populations.at(index).neuron.V_reset;
    case EntryKind::kTauSyn:
    case EntryKind::kTauSynEx:
      return network.populations.at(index).neuron.tau_syn_ex;
    case EntryKind::kTauSynIn:
      return network.populations.at(index).neuron.tau_syn_in;
    default:
      break;
  }
  auto& source = network.inputs.at(index).source;
  switch (entry.kind) {
    case EntryKind::kInputIndegree:
      return std::get<PoissonInput>(source).indegree;
    case EntryKind::kInputRate:
      return std::get<PoissonInput>(source).rate;
    case EntryKind::kInputWeight:
      return std::get<PoissonInput>(source).weight;
    case EntryKind::kInputWeightCv:
      return std::get<PoissonInput>(source).weight_cv;
    case EntryKind::kDcDrive:
      return std::get<DcInput>(source).drive;
    case EntryKind::kNoiseMean:
      return std::get<NoiseInput>(source).mean;
    case EntryKind::kInputTauSyn:
      if (auto* poisson = std::get_if<PoissonInput>(&source)) return poisson->tau_syn.value();
      return std::get<NoiseInput>(source).tau_syn.value();
    default:
      return std::get<NoiseInput>(source).sigma;
  }
}

using Ends = std::pair<int, int>;  ///< target, source; −1 where there is no source

Ends ends_of(const Network& network, const NetworkEntry& entry) {
  const auto index = static_cast<std::size_t>(entry.index);
  if (of_population(entry.kind)) return {entry.index, -1};
  if (!of_projection(entry.kind)) return {network.inputs.at(index).target, -1};
  const Projection& p = network.projections.at(index);
  return {p.target, p.source};
}

/// How many of a kind with the same ends come before: the number in "#2".
std::vector<int> ordinals(const Network& network, EntryKind kind) {
  std::vector<int> result;
  std::map<Ends, int> seen;
  if (of_projection(kind)) {
    for (const Projection& p : network.projections) result.push_back(++seen[{p.target, p.source}]);
  } else if (!of_population(kind)) {
    // Counted within one type of input: the second dc input of E is dc_drive[E]#2 whatever stands
    // between.
    // Those with a tau_syn of their own are counted together.
    const bool together = kind == EntryKind::kInputTauSyn;
    std::map<std::pair<int, std::size_t>, int> seen_inputs;
    for (const ExternalInput& i : network.inputs) {
      if (together && !own_tau_syn(i)) {
        result.push_back(0);
      } else {
        result.push_back(++seen_inputs[{i.target, together ? 0 : i.source.index()}]);
      }
    }
  } else {
    result.assign(network.populations.size(), 1);
  }
  return result;
}

std::string name_of(const Network& network, const NetworkEntry& entry, int ordinal) {
  const auto [target, source] = ends_of(network, entry);
  std::string ends = network.populations.at(target).name;
  if (source >= 0) ends += "<-" + network.populations.at(source).name;
  std::string name = fmt::format("{}[{}]", info(entry.kind).name, ends);
  if (ordinal > 1) name += fmt::format("#{}", ordinal);
  return name;
}

void add_input(std::vector<NetworkEntry>& entries, const ExternalInput& input, int index) {
  const auto add = [&](std::initializer_list<EntryKind> kinds) {
    for (const EntryKind kind : kinds) entries.push_back({kind, index});
  };
  if (std::holds_alternative<PoissonInput>(input.source)) {
    add({EntryKind::kInputIndegree, EntryKind::kInputRate, EntryKind::kInputWeight,
         EntryKind::kInputWeightCv});
  } else if (std::holds_alternative<DcInput>(input.source)) {
    add({EntryKind::kDcDrive});
  } else {
    add({EntryKind::kNoiseMean, EntryKind::kNoiseSigma});
  }
  if (own_tau_syn(input)) add({EntryKind::kInputTauSyn});
}

}  // namespace

std::vector<NetworkEntry> network_entries(const Network& network) {
  std::vector<NetworkEntry> entries;
  const int projections = static_cast<int>(network.projections.size());
  for (const EntryKind kind : {EntryKind::kIndegree, EntryKind::kWeight, EntryKind::kWeightCv}) {
    for (int k = 0; k < projections; ++k) entries.push_back({kind, k});
  }
  for (int k = 0; k < static_cast<int>(network.inputs.size()); ++k)
    add_input(entries, network.inputs[k], k);
  for (int i = 0; i < static_cast<int>(network.populations.size()); ++i) {
    for (const EntryKind kind :
         {EntryKind::kTauM, EntryKind::kTRef, EntryKind::kVTh, EntryKind::kVReset})
      entries.push_back({kind, i});
    const Neuron& neuron = network.populations[i].neuron;
    if (neuron.model != NeuronModel::kLifExp) continue;
    if (neuron.tau_syn_ex == neuron.tau_syn_in) {
      entries.push_back({EntryKind::kTauSyn, i});
    } else {
      entries.push_back({EntryKind::kTauSynEx, i});
      entries.push_back({EntryKind::kTauSynIn, i});
    }
  }
  return entries;
}

std::vector<std::string> entry_names(const Network& network,
                                     const std::vector<NetworkEntry>& entries) {
  std::map<EntryKind, std::vector<int>> counted;
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const NetworkEntry& entry : entries) {
    auto [it, is_new] = counted.try_emplace(entry.kind);
    if (is_new) it->second = ordinals(network, entry.kind);
    names.push_back(name_of(network, entry, it->second.at(entry.index)));
  }
  return names;
}

std::optional<NetworkEntry> find_entry(const Network& network, std::string_view name) {
  std::vector<NetworkEntry> candidates;
  for (const NetworkEntry& entry : network_entries(network)) {
    if (name.substr(0, name.find('[')) == info(entry.kind).name) candidates.push_back(entry);
  }
  const std::vector<std::string> names = entry_names(network, candidates);
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (names[k] == name) return candidates[k];
  }
  return std::nullopt;
}

namespace {

/// At most eight, then how many there are.
std::string listed(std::vector<std::string> names) {
  constexpr std::size_t kMost = 8;
  const std::size_t all = names.size();
  if (all <= kMost) return fmt::format("{}", fmt::join(names, ", "));
  names.resize(kMost);
  return fmt::format("{}, … ({} in all)", fmt::join(names, ", "), all);
}

std::vector<std::string> kinds_of(const Network& network) {
  std::vector<std::string> kinds;
  for (const NetworkEntry& entry : network_entries(network)) {
    const std::string name(info(entry.kind).name);
    if (std::find(kinds.begin(), kinds.end(), name) == kinds.end()) kinds.push_back(name);
  }
  return kinds;
}

std::vector<std::string> names_of_kind(const Network& network, std::string_view kind) {
  std::vector<NetworkEntry> entries;
  for (const NetworkEntry& entry : network_entries(network))
    if (info(entry.kind).name == kind) entries.push_back(entry);
  return entry_names(network, entries);
}

/// The first of "E<-I" that is no population of the network.
std::optional<std::string> unknown_population(const Network& network, std::string_view ends) {
  const std::size_t arrow = ends.find("<-");
  std::vector<std::string_view> names = {ends.substr(0, arrow)};
  if (arrow != std::string_view::npos) names.push_back(ends.substr(arrow + 2));
  for (const std::string_view name : names) {
    if (std::none_of(network.populations.begin(), network.populations.end(),
                     [&](const Population& p) { return p.name == name; }))
      return std::string(name);
  }
  return std::nullopt;
}

}  // namespace

std::string entry_fault(const Network& network, std::string_view name) {
  const std::size_t open = name.find('[');
  const std::string_view kind = name.substr(0, open);
  const std::vector<std::string> names = names_of_kind(network, kind);
  if (open == std::string_view::npos && names.empty()) return "";
  if (names.empty())
    return fmt::format("the network has no entries of the kind \"{}\"; it has {}", kind,
                       fmt::join(kinds_of(network), ", "));
  const std::string those = fmt::format("entries of this kind are {}", listed(names));
  if (open == std::string_view::npos)
    return fmt::format("\"{}\" does not say of which population; {}", name, those);
  const std::size_t close = name.find(']', open);
  if (close == std::string_view::npos)
    return fmt::format("\"{}\" has no closing bracket; {}", name, those);
  if (const auto unknown = unknown_population(network, name.substr(open + 1, close - open - 1))) {
    std::vector<std::string> populations;
    for (const Population& p : network.populations) populations.push_back(p.name);
    return fmt::format("\"{}\": there is no population \"{}\"; there are {}", name, *unknown,
                       listed(populations));
  }
  return fmt::format("the network has no entry \"{}\"; {}", name, those);
}

std::string_view entry_unit(EntryKind kind) { return info(kind).unit; }

double entry_value(const Network& network, const NetworkEntry& entry) {
  return number(network, entry);
}

void set_entry_value(Network& network, const NetworkEntry& entry, double value) {
  number(network, entry) = value;
  if (entry.kind == EntryKind::kTauSyn) network.populations[entry.index].neuron.tau_syn_in = value;
}

int entry_population(const Network& network, const NetworkEntry& entry) {
  return ends_of(network, entry).first;
}

}  // namespace nuphi
