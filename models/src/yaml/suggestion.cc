#include "suggestion.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace nuphi::loader {
namespace {

struct Alias {
  std::string_view theirs;
  std::string_view ours;
};
/// Names of NNMT, NEST's other models, Brian 2 and the literature. One name may stand for several
/// of ours: the one that is allowed at the place is offered.
constexpr std::array kAliases = {
    Alias{"tau", "tau_m"},
    Alias{"tau_mem", "tau_m"},
    Alias{"taum", "tau_m"},
    Alias{"t_m", "tau_m"},
    Alias{"V_t", "V_th"},
    Alias{"Vt", "V_th"},
    Alias{"vth", "V_th"},
    Alias{"theta", "V_th"},
    Alias{"V_threshold", "V_th"},
    Alias{"V_th_abs", "V_th"},
    Alias{"V_th_rel", "V_th"},
    Alias{"threshold", "V_th"},
    Alias{"V_r", "V_reset"},
    Alias{"Vr", "V_reset"},
    Alias{"V_0", "V_reset"},
    Alias{"V0", "V_reset"},
    Alias{"V_0_abs", "V_reset"},
    Alias{"V_0_rel", "V_reset"},
    Alias{"v_reset", "V_reset"},
    Alias{"reset", "V_reset"},
    Alias{"V_rest", "E_L"},
    Alias{"V_leak", "E_L"},
    Alias{"EL", "E_L"},
    Alias{"E_rest", "E_L"},
    Alias{"tau_r", "t_ref"},
    Alias{"tau_ref", "t_ref"},
    Alias{"tau_rp", "t_ref"},
    Alias{"refractory", "t_ref"},
    Alias{"tref", "t_ref"},
    Alias{"tau_s", "tau_syn_ex` and `tau_syn_in"},
    Alias{"tau_syn", "tau_syn_ex` and `tau_syn_in"},
    Alias{"tau_s_ex", "tau_syn_ex"},
    Alias{"tau_e", "tau_syn_ex"},
    Alias{"tau_s_in", "tau_syn_in"},
    Alias{"tau_i", "tau_syn_in"},
    Alias{"C", "C_m"},
    Alias{"Cm", "C_m"},
    Alias{"capacitance", "C_m"},
    Alias{"N", "size"},
    Alias{"n", "size"},
    Alias{"neurons", "size"},
    Alias{"type", "kind"},
    Alias{"label", "name"},
    Alias{"K", "indegree"},
    Alias{"K_ext", "indegree"},
    Alias{"C_E", "indegree"},
    Alias{"in_degree", "indegree"},
    Alias{"indegrees", "indegree"},
    Alias{"fixed_indegree", "indegree"},
    Alias{"p", "probability"},
    Alias{"conn_prob", "probability"},
    Alias{"connection_probability", "probability"},
    Alias{"epsilon", "probability"},
    Alias{"J", "weight"},
    Alias{"W", "weight"},
    Alias{"w", "weight"},
    Alias{"J_ext", "weight"},
    Alias{"W_ext", "weight"},
    Alias{"weights", "weight"},
    Alias{"g", "weight: = -g * J"},
    Alias{"PSP", "psp"},
    Alias{"EPSP", "psp"},
    Alias{"d", "delay"},
    Alias{"D", "delay"},
    Alias{"Delay", "delay"},
    Alias{"delays", "delay"},
    Alias{"Delay_sd", "delay: {mean: …, sd: …, distribution: …}"},
    Alias{"delay_dist", "delay: {mean: …, sd: …, distribution: …}"},
    Alias{"std", "sd"},
    Alias{"sigma", "sd"},
    Alias{"mu", "mean"},
    Alias{"std", "sigma"},
    Alias{"sd", "sigma"},
    Alias{"nu_ext", "rate"},
    Alias{"nu", "rate"},
    Alias{"I_e", "current"},
    Alias{"I_ext", "current"},
    Alias{"I", "current"},
    Alias{"mu", "drive"},
    Alias{"amplitude", "current"},
    Alias{"source", "from"},
    Alias{"pre", "from"},
    Alias{"target", "to"},
    Alias{"post", "to"},
    Alias{"projections", "connections"},
    Alias{"synapses", "connections"},
    Alias{"external", "inputs"},
    Alias{"input", "inputs"},
    Alias{"stimuli", "inputs"},
    Alias{"neurons", "neuron"},
    Alias{"constants", "parameters"},
    Alias{"params", "parameters"},
    Alias{"colour", "correction"},
    Alias{"value", "val"},
    Alias{"values", "val"},
    Alias{"units", "unit"},
    Alias{"dist", "distribution"},
};

/// Edit distance with adjacent swaps counted once; capitals count half a typing error: none.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        next[j] = std::min(next[j], before[j - 2] + 1);
      }
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

/// First name inside an alias' replacement: "weight: = -g * J" → "weight".
std::string_view first_name(std::string_view text) {
  return text.substr(0, text.find_first_of(":`"));
}

}  // namespace

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
  constexpr std::size_t kLongest = 40;
  if (name.size() > kLongest) return {};
  const std::string* best = nullptr;
  std::size_t best_distance = std::min(std::max<std::size_t>(1, name.size() / 3) + 1, name.size());
  for (const std::string& candidate : known) {
    const std::size_t d = distance(name, candidate);
    if (d < best_distance) {
      best = &candidate;
      best_distance = d;
    }
  }
  constexpr std::size_t kShortestBeginning = 2;
  for (const std::string& candidate : known) {
    if (best == nullptr && name.size() >= kShortestBeginning && candidate.starts_with(name))
      best = &candidate;
  }
  return best == nullptr ? std::string() : "did you mean `" + *best + "`?";
}

std::string help_for_key(std::string_view name, std::span<const std::string> allowed) {
  for (const Alias& alias : kAliases) {
    if (alias.theirs != name) continue;
    if (std::find(allowed.begin(), allowed.end(), first_name(alias.ours)) != allowed.end()) {
      return "nuphi writes `" + std::string(alias.ours) + "`";
    }
  }
  return did_you_mean(name, allowed);
}

}  // namespace nuphi::loader
