#include "points.h"

#include <fmt/format.h>
#include <nuphi/models/words.h>

#include <optional>

namespace nuphi::runner {
bool parse_correction(std::string_view name, Correction& correction) {
  const std::optional<Correction> found = from_word(kCorrections, name);
  correction = found.value_or(correction);
  return found.has_value();
}

double non_negative(const PointsRow& row, std::size_t column, const char* name) {
  const double value = row.finite_number(column);
  if (value < 0) {
    row.fail(column, "negative", fmt::format("{} = {} is negative", name, value),
             fmt::format("{} is at least 0", name));
  }
  return value;
}

WorkingPointColumns::WorkingPointColumns(const PointsHeader& header)
    : mu_(header.find("mu")),
      sigma_(header.find("sigma")),
      V_th_(header.find("V_th")),
      V_reset_(header.find("V_reset")),
      tau_m_(header.find("tau_m")),
      t_ref_(header.find("t_ref")),
      tau_syn_(header.find("tau_syn")),
      correction_(header.find("correction")) {}

Correction WorkingPointColumns::correction(const PointsRow& row) const {
  Correction correction = Correction::kShift;
  if (correction_ == PointsHeader::kAbsent || row.text(correction_).empty()) return correction;
  if (parse_correction(row.text(correction_), correction)) return correction;
  row.fail(correction_, "unknown-correction",
           fmt::format("unknown correction \"{}\"", row.text(correction_)),
           "allowed are none, shift, taylor, shift_refractory, adiabatic, uniform, exact");
}

WorkingPoint WorkingPointColumns::operator()(const PointsRow& row) const {
  WorkingPoint p;
  p.mu = row.finite_number(mu_);
  p.sigma = non_negative(row, sigma_, "sigma");
  p.neuron.V_th = row.finite_number(V_th_);
  p.neuron.V_reset = row.finite_number(V_reset_);
  if (p.neuron.V_reset >= p.neuron.V_th) {
    row.fail(V_reset_, "reset-above-threshold",
             fmt::format("V_reset = {} is not below V_th = {}", p.neuron.V_reset, p.neuron.V_th),
             "the neuron is reset to below its threshold");
  }
  p.neuron.tau_m = non_negative(row, tau_m_, "tau_m");
  if (p.neuron.tau_m == 0)
    row.fail(tau_m_, "not-positive", "tau_m is 0", "a membrane has a time constant above 0");
  p.neuron.t_ref = non_negative(row, t_ref_, "t_ref");
  const bool colour = tau_syn_ != PointsHeader::kAbsent && !row.text(tau_syn_).empty();
  p.neuron.tau_syn = colour ? non_negative(row, tau_syn_, "tau_syn") : 0;
  p.correction = correction(row);
  return p;
}

}  // namespace nuphi::runner
