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

std::string evaluated(const Point& p) {
  const SiegertRate r = siegert(p.mu, p.sigma, p.neuron, p.correction);
  const double cv = isi_cv(p.mu, p.sigma, p.neuron, p.correction);
  return fmt::format(",{},{},{},{},{},{},{}", round_trip(r.rate), round_trip(r.log_rate),
                     round_trip(r.drate_dmu), round_trip(r.drate_dsigma),
                     round_trip(r.dlog_rate_dmu), round_trip(r.dlog_rate_dsigma), round_trip(cv));
}

}  // namespace

int run_siegert(const SiegertArguments& arguments) {
  PointsReader reader(arguments.points, {"mu", "sigma", "V_th", "V_reset", "tau_m", "t_ref"},
                      {"tau_syn", "correction"});
  OutputFile file(arguments.output.empty() ? "-" : arguments.output);
  file.write(reader.header() +
             ",rate,log_rate,drate_dmu,drate_dsigma,dlog_rate_dmu,dlog_rate_dsigma,cv\n");
  bool complete = true;
  while (true) {
    try {
      if (!reader.next()) break;
      file.write(reader.line() + evaluated(point_of(reader)) + "\n");
    } catch (const ModelError& error) {
      if (!arguments.keep_going) throw;
      fmt::print(stderr, "{}\n", error.what());
      file.write(reader.padded_line() + ",nan,nan,nan,nan,nan,nan,nan\n");
      complete = false;
    }
  }
  file.commit();
  return complete ? kSuccess : kBadModel;
}

}  // namespace nuphi::runner
