// Writes the tables of docs/theory/simulation.md, errors of the theory of single neurons against
// exact simulations, and of colored_noise.md.
//   simulation_report [--check] simulation.md colored_noise.md
#include <fmt/format.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "generated_file.h"
#include "support/csv.h"

namespace {
using namespace nuphi;
using namespace nuphi::units;
using tools::percent, tools::table_header, tools::table_row;

struct Case {
  double mu, sigma;
  LifParameters neuron;
  double rate, rate_se;
};

Case read_case(const test::CsvTable& table, std::size_t i, bool colour) {
  const auto at = [&](const char* column) { return table.number(i, column); };
  return {at("mu"),
          at("sigma"),
          {.tau_m = at("tau_m"),
           .t_ref = at("t_ref"),
           .V_th = at("V_th"),
           .V_reset = at("V_reset"),
           .tau_syn = colour ? at("tau_syn") : 0},
          at("rate"),
          at("rate_se")};
}

struct Theory {
  const char* name;
  Correction correction;
};
constexpr std::array<Theory, 5> kTheories{{{"none", Correction::kNone},
                                           {"shift", Correction::kShift},
                                           {"taylor", Correction::kTaylor},
                                           {"shift_refractory", Correction::kShiftRefractory},
                                           {"adiabatic", Correction::kAdiabatic}}};

double error(const Case& c, Correction correction) {
  return siegert(c.mu, c.sigma, c.neuron, correction).rate / c.rate - 1;
}

std::vector<std::string> names(std::vector<std::string> first) {
  for (const Theory& t : kTheories) first.emplace_back(t.name);
  return first;
}

std::string white_noise_table() {
  const test::CsvTable table("simulation_white_noise.csv");
  std::string text =
      table_header({"μ (mV)", "σ (mV)", "V_reset (mV)", "rate (Hz)", "standard error (%)",
                    "error of ν (%)", "CV", "error of CV (%)"});
  double worst = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Case c = read_case(table, i, false);
    const double cv = table.number(i, "cv");
    const double e = error(c, Correction::kNone);
    worst = std::fmax(worst, std::abs(e));
    text += table_row({fmt::format("{:.2f}", c.mu / mV), fmt::format("{:g}", c.sigma / mV),
                       fmt::format("{:g}", c.neuron.V_reset / mV), fmt::format("{:.4g}", c.rate),
                       fmt::format("{:.2f}", 100 * c.rate_se / c.rate), percent(e, 2),
                       fmt::format("{:.3f}", cv),
                       percent(isi_cv(c.mu, c.sigma, c.neuron, Correction::kNone) / cv - 1)});
  }
  return text + fmt::format("\nLargest error of the rate: {} %.\n", percent(worst, 2).substr(1));
}

std::string colour_table() {
  const test::CsvTable table("simulation_exponential_synapses.csv");
  std::string text = table_header(names({"τ_s (ms)", "t_ref (ms)", "τ_m (ms)", "V_reset (mV)",
                                         "μ (mV)", "σ (mV)", "rate (Hz)", "standard error (%)"}));
  std::vector<Case> cases;
  for (std::size_t i = 0; i < table.size(); ++i) cases.push_back(read_case(table, i, true));
  std::stable_sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) {
    return a.neuron.tau_syn < b.neuron.tau_syn;
  });
  for (const Case& c : cases) {
    std::vector<std::string> row{fmt::format("{:g}", c.neuron.tau_syn / ms),
                                 fmt::format("{:g}", c.neuron.t_ref / ms),
                                 fmt::format("{:g}", c.neuron.tau_m / ms),
                                 fmt::format("{:g}", c.neuron.V_reset / mV),
                                 fmt::format("{:.2f}", c.mu / mV),
                                 fmt::format("{:g}", c.sigma / mV),
                                 fmt::format("{:.4g}", c.rate),
                                 fmt::format("{:.2f}", 100 * c.rate_se / c.rate)};
    for (const Theory& t : kTheories) row.push_back(percent(error(c, t.correction)));
    text += table_row(row);
  }
  return text;
}

std::string summary_table() {
  const test::CsvTable table("simulation_exponential_synapses.csv");
  std::map<double, std::vector<Case>> by_tau;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Case c = read_case(table, i, true);
    by_tau[c.neuron.tau_syn].push_back(c);
  }
  std::string text = table_header(names({"τ_s (ms)", "cases"}));
  for (const auto& [tau, cases] : by_tau) {
    std::vector<std::string> row{fmt::format("{:g}", tau / ms), fmt::format("{}", cases.size())};
    for (const Theory& t : kTheories) {
      double low = INFINITY, high = -INFINITY;
      for (const Case& c : cases) {
        low = std::fmin(low, error(c, t.correction));
        high = std::fmax(high, error(c, t.correction));
      }
      row.push_back(fmt::format("{} … {}", percent(low), percent(high)));
    }
    text += table_row(row);
  }
  return text;
}

std::string refractory_table() {
  const test::CsvTable table("simulation_exponential_synapses.csv");
  struct Count {
    int cases = 0, better = 0, worse = 0;
  };
  std::map<double, Count> by_tau;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Case c = read_case(table, i, true);
    const double shift = std::abs(error(c, Correction::kShift));
    const double refractory = std::abs(error(c, Correction::kShiftRefractory));
    const double noise = c.rate_se / c.rate;
    Count& count = by_tau[c.neuron.tau_syn];
    ++count.cases;
    count.better += refractory < shift - noise;
    count.worse += refractory > shift + noise;
  }
  std::string text = table_header({"τ_s (ms)", "cases", "better than shift", "worse",
                                   "no difference beyond one standard error"});
  for (const auto& [tau, count] : by_tau) {
    text += table_row({fmt::format("{:g}", tau / ms), fmt::format("{}", count.cases),
                       fmt::format("{}", count.better), fmt::format("{}", count.worse),
                       fmt::format("{}", count.cases - count.better - count.worse)});
  }
  return text;
}

std::string slow_table() {
  const test::CsvTable table("slow_synapse.csv");
  std::string text = table_header(
      {"τ_s/τ_m", "μ (mV)", "rate (Hz)", "standard error (%)", "none", "shift", "adiabatic"});
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Case c = read_case(table, i, true);
    text += table_row({fmt::format("{:.3g}", c.neuron.tau_syn / c.neuron.tau_m),
                       fmt::format("{:g}", c.mu / mV), fmt::format("{:.4g}", c.rate),
                       fmt::format("{:.2f}", 100 * c.rate_se / c.rate),
                       percent(error(c, Correction::kNone)), percent(error(c, Correction::kShift)),
                       percent(error(c, Correction::kAdiabatic))});
  }
  return text;
}

std::string filter_table() {
  const test::CsvTable table("effective_shift.csv");
  constexpr double kMilne = 1.4603545088095868;  // |ζ(1/2)|: the shift for one time constant of 1
  std::string text = table_header({"τ_1", "τ_2", "simulated shift", "standard error",
                                   "by the effective time constant", "difference (%)"});
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const std::array<FilteredVariance, 2> parts{
        {{at("tau_1"), at("share_1")}, {at("tau_2"), 1 - at("share_1")}}};
    const double shift = kMilne * std::sqrt(effective_filter(parts).tau_syn);
    text += table_row({fmt::format("{:g}", at("tau_1")), fmt::format("{:g}", at("tau_2")),
                       fmt::format("{:.4f}", at("shift")), fmt::format("{:.4f}", at("shift_se")),
                       fmt::format("{:.4f}", shift), percent(shift / at("shift") - 1)});
  }
  return text;
}

std::string two_time_constants_table() {
  const test::CsvTable table("two_time_constants.csv");
  std::string text =
      table_header({"μ (mV)", "τ_1 (ms)", "τ_2 (ms)", "share of σ² at τ_1", "simulated rate (Hz)",
                    "standard error", "shift (%)", "τ_1 alone (%)", "τ_2 alone (%)",
                    "no colour (%)", "uniform (%)", "exact (%)"});
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const double mu = at("mu_mV") * mV, sigma = at("sigma_mV") * mV;
    const std::array<FilteredVariance, 2> parts{
        {{at("tau_1_ms") * ms, at("share_1")}, {at("tau_2_ms") * ms, 1 - at("share_1")}}};
    const auto error = [&](double tau_syn, Correction correction = Correction::kShift) {
      const LifParameters neuron{20 * ms, 2 * ms, 20 * mV, 10 * mV, tau_syn};
      return percent(siegert(mu, sigma, neuron, correction).rate / at("rate_Hz") - 1);
    };
    const double effective = effective_filter(parts).tau_syn;
    text +=
        table_row({fmt::format("{:g}", at("mu_mV")), fmt::format("{:g}", at("tau_1_ms")),
                   fmt::format("{:g}", at("tau_2_ms")), fmt::format("{:g}", at("share_1")),
                   fmt::format("{:.3f}", at("rate_Hz")), fmt::format("{:.3f}", at("rate_se_Hz")),
                   error(effective), error(parts[0].tau_syn), error(parts[1].tau_syn), error(0),
                   error(effective, Correction::kUniform), error(effective, Correction::kExact)});
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const bool check = argc == 4 && std::string_view(argv[1]) == "--check";
  if (argc != (check ? 4 : 3)) {
    fmt::print(stderr, "usage: simulation_report [--check] simulation.md colored_noise.md\n");
    return 2;
  }
  tools::GeneratedSections page(argv[argc - 2]), filters(argv[argc - 1]);
  page.replace("white noise", white_noise_table());
  page.replace("summary", summary_table());
  page.replace("refractory", refractory_table());
  page.replace("colour", colour_table());
  page.replace("slow", slow_table());
  filters.replace("filter", filter_table());
  filters.replace("rates", two_time_constants_table());
  const int page_result = page.finish(check), filters_result = filters.finish(check);
  return page_result != 0 ? page_result : filters_result;
}
