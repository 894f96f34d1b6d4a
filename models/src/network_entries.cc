#include <nuphi/models/find_population.h>
#include <nuphi/models/network_entries.h>
#include <nuphi/models/neuron_parameters.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <stdexcept>
#include <tuple>
#include <variant>

namespace nuphi {

bool is_of_projection(EntryKind kind) { return kind <= EntryKind::kDelay; }
bool is_of_input(EntryKind kind) { return kind > EntryKind::kTauSynIn; }

namespace {

struct KindInfo {
  EntryKind kind;
  std::string_view name;
  std::string_view unit;
};

constexpr std::array<KindInfo, 19> kKinds = {{
    {EntryKind::kIndegree, "indegree", "1"},
    {EntryKind::kWeight, "weight", "V"},
    {EntryKind::kWeightCv, "weight_cv", "1"},
    {EntryKind::kDelay, "delay", "s"},
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

bool of_population(EntryKind kind) { return !is_of_projection(kind) && !is_of_input(kind); }

/// The parameter of a population's neuron that an entry stands for; of τ_syn, which stands twice,
/// the excitatory one.
const NeuronParameter& parameter_of(const Network& network, const NetworkEntry& entry) {
  const NeuronModel model =
      network.populations.at(static_cast<std::size_t>(entry.index)).neuron.model;
  const bool both = entry.kind == EntryKind::kTauSyn;
  return *neuron_parameter(model, both ? "tau_syn_ex" : info(entry.kind).name);
}

/// The number an entry of a projection or an input stands for, in place.
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
    case EntryKind::kDelay:
      return network.projections.at(index).delay.value().mean;
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
  if (!is_of_projection(entry.kind)) return {network.inputs.at(index).target, -1};
  const Projection& p = network.projections.at(index);
  return {p.target, p.source};
}

/// How many of a kind with the same ends come before: the number in "#2".
std::vector<int> ordinals(const Network& network, EntryKind kind) {
  std::vector<int> result;
  std::map<Ends, int> seen;
  if (is_of_projection(kind)) {
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

constexpr std::array kOfProjections = {EntryKind::kIndegree, EntryKind::kWeight,
                                       EntryKind::kWeightCv};
constexpr std::array kOfPopulations = {
    EntryKind::kTauM,   EntryKind::kTRef,     EntryKind::kVTh,     EntryKind::kVReset,
    EntryKind::kTauSyn, EntryKind::kTauSynEx, EntryKind::kTauSynIn};
constexpr std::array kOfInputs = {EntryKind::kInputIndegree, EntryKind::kInputRate,
                                  EntryKind::kInputWeight,   EntryKind::kInputWeightCv,
                                  EntryKind::kDcDrive,       EntryKind::kNoiseMean,
                                  EntryKind::kNoiseSigma,    EntryKind::kInputTauSyn};

std::size_t count_of(const Network& network, EntryKind kind) {
  if (is_of_projection(kind)) return network.projections.size();
  return of_population(kind) ? network.populations.size() : network.inputs.size();
}

bool has(const Neuron& neuron, EntryKind kind) {
  if (kind == EntryKind::kTauM) return is_lif(neuron) || neuron.tau_m > 0;
  if (kind < EntryKind::kTauSyn) return is_lif(neuron);
  const bool differ = neuron.tau_syn_ex != neuron.tau_syn_in;
  return neuron.model == NeuronModel::kLifExp && differ == (kind != EntryKind::kTauSyn);
}

bool has(const ExternalInput& input, EntryKind kind) {
  if (kind == EntryKind::kInputTauSyn) return own_tau_syn(input).has_value();
  if (kind == EntryKind::kDcDrive) return std::holds_alternative<DcInput>(input.source);
  if (kind < EntryKind::kDcDrive) return std::holds_alternative<PoissonInput>(input.source);
  return std::holds_alternative<NoiseInput>(input.source);
}

/// Whether a projection, population or input has a number of this kind.
bool has(const Network& network, EntryKind kind, std::size_t index) {
  if (of_population(kind)) return has(network.populations[index].neuron, kind);
  if (!is_of_projection(kind)) return has(network.inputs[index], kind);
  const std::optional<Delay>& delay = network.projections[index].delay;
  return kind != EntryKind::kDelay || (delay && delay->distribution != DelayDistribution::kUniform);
}

/// Whether "E<-I", or "E" where there is no source, are the ends of an entry.
bool is_between(std::string_view text, const Network& network, const NetworkEntry& entry) {
  const auto [target, source] = ends_of(network, entry);
  const std::string_view onto = network.populations[target].name;
  if (source < 0) return text == onto;
  const std::string_view from = network.populations[source].name;
  return text.size() == onto.size() + 2 + from.size() && text.starts_with(onto) &&
         text.substr(onto.size(), 2) == "<-" && text.ends_with(from);
}

/// "#2" → 2, "" → 1; 0 for anything else.
int ordinal_of(std::string_view suffix) {
  if (suffix.empty()) return 1;
  int ordinal = 0;
  const char* const end = suffix.data() + suffix.size();
  if (suffix.front() != '#' || suffix.size() < 2 || suffix[1] == '0') return 0;
  const auto [rest, error] = std::from_chars(suffix.data() + 1, end, ordinal);
  return error == std::errc() && rest == end && ordinal > 1 ? ordinal : 0;
}

}  // namespace

std::vector<NetworkEntry> network_entries(const Network& network) {
  std::vector<NetworkEntry> entries;
  for (const EntryKind kind : kOfProjections) {
    for (std::size_t k = 0; k < network.projections.size(); ++k)
      entries.push_back({kind, static_cast<int>(k)});
  }
  const auto add = [&](const auto& kinds, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) {
      for (const EntryKind kind : kinds)
        if (has(network, kind, k)) entries.push_back({kind, static_cast<int>(k)});
    }
  };
  add(kOfInputs, network.inputs.size());
  add(kOfPopulations, network.populations.size());
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
  const std::size_t open = name.find('[');
  const std::size_t close = name.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return std::nullopt;
  const auto known = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindInfo& k) {
    return k.name == name.substr(0, open);
  });
  int left = ordinal_of(name.substr(close + 1));
  if (known == kKinds.end() || left == 0) return std::nullopt;
  const std::string_view ends = name.substr(open + 1, close - open - 1);
  for (std::size_t k = 0; k < count_of(network, known->kind); ++k) {
    const NetworkEntry entry{known->kind, static_cast<int>(k)};
    // Projections are counted whether they have a delay or not.
    const bool counts = is_of_projection(entry.kind) || has(network, entry.kind, k);
    if (!counts || !is_between(ends, network, entry) || --left > 0) continue;
    return has(network, entry.kind, k) ? std::optional(entry) : std::nullopt;
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

std::vector<NetworkEntry> entries_of(const Network& network, EntryKind kind) {
  std::vector<NetworkEntry> entries;
  for (std::size_t k = 0; k < count_of(network, kind); ++k)
    if (has(network, kind, k)) entries.push_back({kind, static_cast<int>(k)});
  return entries;
}

std::vector<std::string> kinds_of(const Network& network) {
  std::vector<std::string> kinds;
  const auto add = [&](const auto& some) {
    for (const EntryKind kind : some)
      if (!entries_of(network, kind).empty()) kinds.emplace_back(info(kind).name);
  };
  add(kOfProjections);
  add(kOfInputs);
  add(kOfPopulations);
  add(std::array{EntryKind::kDelay});
  return kinds;
}

std::vector<std::string> names_of_kind(const Network& network, std::string_view name) {
  for (const KindInfo& kind : kKinds)
    if (kind.name == name) return entry_names(network, entries_of(network, kind.kind));
  return {};
}

/// The first of "E<-I" that is no population of the network.
std::optional<std::string> unknown_population(const Network& network, std::string_view ends) {
  const std::size_t arrow = ends.find("<-");
  std::vector<std::string_view> names = {ends.substr(0, arrow)};
  if (arrow != std::string_view::npos) names.push_back(ends.substr(arrow + 2));
  for (const std::string_view name : names) {
    if (!find_population(network, name)) return std::string(name);
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
  if (!of_population(entry.kind)) return number(network, entry);
  return parameter_of(network, entry).of(network.populations[entry.index].neuron);
}

void set_entry_value(Network& network, const NetworkEntry& entry, double value) {
  if (!of_population(entry.kind)) {
    number(network, entry) = value;
    return;
  }
  parameter_of(network, entry).in(network.populations[entry.index].neuron) = value;
  if (entry.kind == EntryKind::kTauSyn) network.populations[entry.index].neuron.tau_syn_in = value;
}

int entry_population(const Network& network, const NetworkEntry& entry) {
  return ends_of(network, entry).first;
}

}  // namespace nuphi
