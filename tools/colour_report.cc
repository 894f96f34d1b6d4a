// Writes the tables of errors in docs/theory/colored_noise.md: how far each correction for coloured
// noise is from the exact rates of tests/data/exact_rate.csv.
//   colour_report colored_noise.md          writes
//   colour_report --check colored_noise.md  compares
#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "generated_file.h"
#include "support/csv.h"

namespace {
using namespace nuphi;

struct Row {
  double mu = 0, sigma = 0;
  LifParameters neuron;
  double rate = 0;  ///< exact

  [[nodiscard]] double ratio() const { return neuron.tau_syn / neuron.tau_m; }
};

std::vector<Row> rows() {
  const test::CsvTable table("exact_rate.csv");
  std::vector<Row> all;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    all.push_back({at("mu"),
                   at("sigma"),
                   {.tau_m = at("tau_m"),
                    .t_ref = at("t_ref"),
                    .V_th = at("V_th"),
                    .V_reset = at("V_reset"),
                    .tau_syn = at("tau_syn")},
                   at("rate")});
  }
  return all;
}

struct Column {
  const char* name;
  Correction correction;
};
constexpr std::array<Column, 6> kColumns = {{{"shift", Correction::kShift},
                                             {"shift_refractory", Correction::kShiftRefractory},
                                             {"taylor", Correction::kTaylor},
                                             {"adiabatic", Correction::kAdiabatic},
                                             {"uniform", Correction::kUniform},
                                             {"exact", Correction::kExact}}};

std::string number(double percent) {
  if (percent < 1e-4) return "< 0.0001";
  if (percent > 1000) return "> 1000";
  return percent < 9.995 ? fmt::format("{:.2g}", percent) : fmt::format("{:.0f}", percent);
}

/// Root mean square and largest error in percent.
std::string errors(const std::vector<Row>& some, Correction correction) {
  double square = 0, largest = 0;
  for (const Row& r : some) {
    const double e = siegert(r.mu, r.sigma, r.neuron, correction).rate / r.rate - 1;
    square += e * e;
    largest = std::max(largest, std::abs(e));
  }
  const double rms = std::sqrt(square / static_cast<double>(some.size()));
  return number(100 * rms) + " / " + number(100 * largest);
}

struct Band {
  const char* name;
  double above, up_to;
};
constexpr std::array<Band, 8> kBands = {{{"up to 0.01", 0, 0.01},
                                         {"0.01–0.03", 0.01, 0.03},
                                         {"0.03–0.1", 0.03, 0.1},
                                         {"0.1–0.25", 0.1, 0.25},
                                         {"0.25–0.5", 0.25, 0.5},
                                         {"0.5–1", 0.5, 1},
                                         {"1–2", 1, 2},
                                         {"5 and 10", 2, 11}}};

/// A line for each band of τ_syn/τ_m, of the rates between two bounds.
std::string table(const std::vector<Row>& all, double lowest, double highest) {
  std::string text = "| τ_s/τ_m | neurons |", rule = "| --- | ---: |";
  for (const Column& column : kColumns) {
    text += fmt::format(" {} |", column.name);
    rule += " ---: |";
  }
  text += "\n" + rule + "\n";
  for (const Band& band : kBands) {
    std::vector<Row> some;
    for (const Row& r : all) {
      if (r.ratio() > band.above && r.ratio() <= band.up_to && r.rate >= lowest &&
          r.rate <= highest)
        some.push_back(r);
    }
    text += fmt::format("| {} | {} |", band.name, some.size());
    for (const Column& column : kColumns)
      text += fmt::format(" {} |", errors(some, column.correction));
    text += "\n";
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::string_view(argv[1]) == "--check";
  if (argc != (check ? 3 : 2)) {
    fmt::print(stderr, "usage: colour_report [--check] colored_noise.md\n");
    return 2;
  }
  const std::vector<Row> all = rows();
  tools::GeneratedSections page(argv[argc - 1]);
  page.replace("errors", table(all, 0.1, 300));
  page.replace("all errors", table(all, 0, 1e9));
  return page.finish(check);
}
