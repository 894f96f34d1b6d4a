#include <fmt/format.h>
#include <nuphi/core/units.h>
#include <nuphi/models/notes.h>

#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "network_rules.h"

namespace nuphi {
namespace {

using namespace units;

constexpr double kLongestTauM = 1;       // [s]
constexpr double kLongestTRef = 0.1;     // [s]
constexpr double kHighestThreshold = 1;  // above the reset [V]
constexpr double kLowRest = -20 * mV;    // an E_L below is an absolute potential
constexpr double kFewNeurons = 10;       // of so few, an in-degree below 1 may be meant
constexpr std::string_view kSiHint = "numbers in C++ are SI: write 20 * ms, 20 * mV";

/// All populations that one rule finds, with the sentence on the worst of them.
struct Finding {
  std::vector<std::string> populations{};
  std::vector<bool> listed{};
  double worst = 0;
  std::string message{};
};

class Slips {
 public:
  explicit Slips(const Network& network) : network_(network) {}

  std::vector<Note> find() {
    for (std::size_t i = 0; i < network_.populations.size(); ++i) neuron(static_cast<int>(i));
    for (const Projection& p : network_.projections) projection(p);
    for (const ExternalInput& input : network_.inputs) {
      const auto* poisson = std::get_if<PoissonInput>(&input.source);
      if (poisson != nullptr && poisson->indegree * poisson->rate > 0)
        jump(input.target, poisson->weight, "its Poisson input");
    }
    indegrees();
    std::vector<Note> notes;
    for (auto& [code, finding] : found_) {
      const std::size_t others = finding.populations.size() - 1;
      if (others > 0) finding.message += fmt::format(" ({} more like it)", others);
      notes.push_back({code, std::move(finding.message), std::move(finding.populations)});
    }
    return notes;
  }

 private:
  [[nodiscard]] const Population& at(int index) const {
    return network_.populations[static_cast<std::size_t>(index)];
  }

  /// @param measure  how bad it is; the worst gives the message
  void add(std::string_view code, int population, double measure, const auto& message) {
    Finding& finding = found_[std::string(code)];
    finding.listed.resize(network_.populations.size(), false);
    const auto index = static_cast<std::size_t>(population);
    if (!finding.listed[index]) finding.populations.push_back(at(population).name);
    finding.listed[index] = true;
    if (!(measure > finding.worst)) return;
    finding.worst = measure;
    finding.message = message();
  }

  void neuron(int i) {
    const Neuron& n = at(i).neuron;
    const std::string& name = at(i).name;
    const double height = n.V_th - n.V_reset;
    if (n.tau_m > kLongestTauM && height > kHighestThreshold) {
      add("units", i, n.tau_m, [&] {
        return fmt::format(
            "`{}` has tau_m = {:.6g} s and V_th {:.6g} V above V_reset: ms and mV? {}", name,
            n.tau_m, height, kSiHint);
      });
      return;
    }
    if (n.tau_m > kLongestTauM) {
      add("tau-m", i, n.tau_m, [&] {
        return fmt::format("`{}` has tau_m = {:.6g} s, membranes relax in 1 to 100 ms: ms meant?",
                           name, n.tau_m);
      });
    }
    if (n.t_ref >= kLongestTRef) {
      add("t-ref", i, n.t_ref, [&] {
        return fmt::format(
            "`{}` has t_ref = {:.6g} s and cannot fire above 1/t_ref = {:.4g} Hz: ms meant?", name,
            n.t_ref, 1 / n.t_ref);
      });
    }
    potentials(i);
  }

  void potentials(int i) {
    const Neuron& n = at(i).neuron;
    const std::string& name = at(i).name;
    const double height = n.V_th - n.V_reset;
    if (height > kHighestThreshold) {
      add("threshold", i, height, [&] {
        return fmt::format("V_th of `{}` lies {:.6g} V above V_reset: mV meant? {}", name, height,
                           kSiHint);
      });
    } else if (n.V_th < 0 && n.E_L == 0) {
      add("rest-missing", i, -n.V_th, [&] {
        return fmt::format(
            "V_th of `{}` is {} and E_L 0 mV, which is its default: with absolute potentials E_L "
            "must be given",
            name, display(n.V_th, "mV"));
      });
    } else if (n.V_th < 0) {
      add("threshold-below-rest", i, -n.V_th, [&] {
        return fmt::format("V_th of `{}` lies {} below E_L: it fires without any input", name,
                           display(-n.V_th, "mV"));
      });
    } else if (n.E_L < kLowRest && n.V_th + n.E_L >= 0) {
      add("mixed-potentials", i, n.V_th, [&] {
        return fmt::format(
            "E_L of `{}` is {} and V_th {}: one is an absolute potential, the other looks relative",
            name, display(n.E_L, "mV"), display(n.V_th + n.E_L, "mV"));
      });
    }
  }

  void projection(const Projection& p) {
    if (!(p.indegree > 0) || p.weight == 0) return;
    jump(p.target, p.weight, "`" + at(p.source).name + "`");
    if (p.indegree_distribution != IndegreeDistribution::kFixed) {
      add("unused-distribution", p.target, p.indegree, [&] {
        return fmt::format(
            "the in-degrees of `{}` from `{}` are distributed: stationary rates, and all that is "
            "computed about them, are those of the mean {:.6g}; `rate_distribution()` takes the "
            "spread into account",
            at(p.target).name, at(p.source).name, p.indegree);
      });
    }
    if (p.source == p.target && at(p.target).size == 1) {
      const Neuron& n = at(p.target).neuron;
      const double share = std::abs(p.weight) / (n.V_th - n.V_reset);
      add("own-spikes", p.target, share, [&] {
        return fmt::format(
            "`{}` is one neuron with a synapse onto itself (size 1), jump/(V_th - V_reset) = "
            "{:.3g}: theory takes its own spikes for independent Poisson noise",
            at(p.target).name, share);
      });
    }
  }

  void jump(int target, double weight, const std::string& source) {
    const Neuron& n = at(target).neuron;
    const double height = n.V_th - n.V_reset;
    if (!(std::abs(weight) > height)) return;
    add("jump-above-threshold", target, std::abs(weight) / height, [&] {
      return fmt::format(
          "a spike of {} moves the membrane of `{}` by {}, a jump larger than V_th - V_reset = {}: "
          "the input is no Gaussian noise (C_m, or a unit of the weight?)",
          source, at(target).name, display(weight, "mV"), display(height, "mV"));
    });
  }

  /// An in-degree is taken for a probability where it has at most two digits, as probabilities that
  /// people write have, or where the source has no in-degree above 1 at all.
  void indegrees() {
    std::vector<double> largest(network_.populations.size(), 0);
    for (const Projection& p : network_.projections) {
      double& of_source = largest[static_cast<std::size_t>(p.source)];
      of_source = std::fmax(of_source, p.indegree);
    }
    for (const Projection& p : network_.projections) {
      const double K = p.indegree, size = at(p.source).size;
      if (!(K > 0 && K < 1) || (size > 0 && size < kFewNeurons)) continue;
      const bool round = std::abs(100 * K - std::round(100 * K)) < 1e-9;
      if (!round && largest[static_cast<std::size_t>(p.source)] >= 1) continue;
      add("indegree-below-one", p.target, 1 / K, [&] {
        return fmt::format(
            "`{}` has the in-degree {:.6g} from `{}`, less than one synapse: a probability? Then "
            "write `probability: {:.6g}`",
            at(p.target).name, K, at(p.source).name, K);
      });
    }
  }

  const Network& network_;
  std::map<std::string, Finding> found_;
};

}  // namespace

std::vector<Note> network_notes(const Network& network) { return Slips(network).find(); }

}  // namespace nuphi
