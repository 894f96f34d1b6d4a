#include "points.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

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

}  // namespace

WorkingPoint working_point(const PointsReader& reader) {
  return {.mu = reader.number("mu"),
          .sigma = reader.number("sigma"),
          .neuron = {.tau_m = reader.number("tau_m"),
                     .t_ref = reader.number("t_ref"),
                     .V_th = reader.number("V_th"),
                     .V_reset = reader.number("V_reset"),
                     .tau_syn = reader.has("tau_syn") ? reader.number("tau_syn") : 0},
          .correction = correction_of(reader)};
}

}  // namespace nuphi::runner
