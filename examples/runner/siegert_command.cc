#include <fmt/format.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "commands.h"
#include "files.h"
#include "points_csv.h"

namespace nuphi::runner {
namespace {

constexpr std::array<std::pair<std::string_view, Correction>, 5> kCorrections = {{
    {"none", Correction::kNone},
    {"shift", Correction::kShift},
    {"taylor", Correction::kTaylor},
    {"shift_refractory", Correction::kShiftRefractory},
    {"adiabatic", Correction::kAdiabatic},
}};

Correction correction_of(const PointsReader& reader) {
  if (!reader.has("correction") || reader.text("correction").empty()) return Correction::kShift;
  for (const auto& [name, correction] : kCorrections) {
    if (name == reader.text("correction")) return correction;
  }
  reader.fail("correction", "unknown-correction",
              fmt::format("unknown correction \"{}\"", reader.text("correction")),
              "allowed are none, shift, taylor, shift_refractory, adiabatic");
}

struct Point {
  double mu;
  double sigma;
  LifParameters neuron;
  Correction correction;
};

Point point_of(const PointsReader& reader) {
  Point point{
      .mu = reader.number("mu"), .sigma = reader.number("sigma"), .neuron = {}, .correction = {}};
  point.neuron = {.tau_m = reader.number("tau_m"),
                  .t_ref = reader.number("t_ref"),
                  .V_th = reader.number("V_th"),
                  .V_reset = reader.number("V_reset"),
                  .tau_syn = reader.has("tau_syn") ? reader.number("tau_syn") : 0};
  point.correction = correction_of(reader);
  return point;
}

constexpr std::string_view kColumns =
    "rate,log_rate,drate_dmu,drate_dsigma,dlog_rate_dmu,dlog_rate_dsigma,cv";
constexpr std::string_view kSecondColumns = "d2rate_dmu2,d2rate_dmudsigma,d2rate_dsigma2";

void append(std::string& row, std::initializer_list<double> values) {
  for (const double value : values) row += "," + round_trip(value);
}

/// The outputs of one point, each with a comma before it.
std::string evaluated(const Point& p, bool second_derivatives) {
  const SiegertSecond second =
      second_derivatives ? siegert_second(p.mu, p.sigma, p.neuron, p.correction) : SiegertSecond{};
  const SiegertRate r =
      second_derivatives ? second.first : siegert(p.mu, p.sigma, p.neuron, p.correction);
  std::string row;
  append(row, {r.rate, r.log_rate, r.drate_dmu, r.drate_dsigma, r.dlog_rate_dmu, r.dlog_rate_dsigma,
               isi_cv(p.mu, p.sigma, p.neuron, p.correction)});
  if (second_derivatives)
    append(row, {second.d2rate_dmu2, second.d2rate_dmudsigma, second.d2rate_dsigma2});
  return row;
}

std::string not_evaluated(bool second_derivatives) {
  std::string row;
  for (int column = 0; column < (second_derivatives ? 10 : 7); ++column) row += ",nan";
  return row;
}

}  // namespace

int run_siegert(const SiegertArguments& arguments) {
  PointsReader reader(arguments.points, {"mu", "sigma", "V_th", "V_reset", "tau_m", "t_ref"},
                      {"tau_syn", "correction"});
  OutputFile file(arguments.output.empty() ? "-" : arguments.output);
  const bool second = arguments.second_derivatives;
  file.write(fmt::format("{},{}{}{}\n", reader.header(), kColumns, second ? "," : "",
                         second ? kSecondColumns : ""));
  bool complete = true;
  while (true) {
    try {
      if (!reader.next()) break;
      file.write(reader.line() + evaluated(point_of(reader), second) + "\n");
    } catch (const ModelError& error) {
      if (!arguments.keep_going) throw;
      fmt::print(stderr, "{}\n", error.what());
      file.write(reader.padded_line() + not_evaluated(second) + "\n");
      complete = false;
    }
  }
  file.commit();
  return complete ? kSuccess : kBadModel;
}

}  // namespace nuphi::runner
