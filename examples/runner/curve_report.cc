#include "curve_report.h"

#include <fmt/format.h>
#include <nuphi/core/units.h>
#include <nuphi/core/version.h>

#include <cmath>

#include "files.h"
#include "printable.h"
#include "result_io.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

using namespace units;

std::string held_name(Stimulus stimulus) { return stimulus == Stimulus::kSigma ? "mu" : "sigma"; }

std::string held_label(const CurveSet& set, const Curve& curve) {
  return fmt::format("{} = {:.4g} mV", set.stimulus == Stimulus::kSigma ? "μ" : "σ",
                     curve.held / mV);
}

std::string stimulus_label(Stimulus stimulus) {
  const StimulusName s = name_of(stimulus);
  return fmt::format("{} ({})", s.symbol, display_unit(s.unit).name);
}

std::vector<PlotLine> lines(const CurveSet& set) {
  const double unit = display_unit(name_of(set.stimulus).unit).size;
  std::vector<PlotLine> all;
  for (const Curve& curve : set.curves) {
    PlotLine line{held_label(set, curve), {}};
    for (const CurvePoint& p : curve.points) line.points.emplace_back(p.stimulus / unit, p.at.rate);
    all.push_back(std::move(line));
  }
  return all;
}

Json values(const char* unit, const std::vector<CurvePoint>& points,
            double (*value)(const CurvePoint&)) {
  Eigen::VectorXd array(static_cast<Eigen::Index>(points.size()));
  for (std::size_t i = 0; i < points.size(); ++i)
    array[static_cast<Eigen::Index>(i)] = value(points[i]);
  return quantities(unit, array);
}

}  // namespace

StimulusName name_of(Stimulus stimulus) {
  switch (stimulus) {
    case Stimulus::kCurrent:
      return {"current", "A", "I"};
    case Stimulus::kSigma:
      return {"sigma", "V", "σ"};
    case Stimulus::kMean:
      break;
  }
  return {"mean", "V", "μ"};
}

std::string curve_json(const CurveSet& set, bool partial) {
  const StimulusName s = name_of(set.stimulus);
  const std::string gain_unit = fmt::format("Hz/{}", s.unit);
  Json json = {{"format", "nuphi-curve/1"},
               {"nuphi_version", version()},
               {"model", set.title},
               {"settings", set.facts},
               {"stimulus", {{"name", s.name}, {"unit", s.unit}}}};
  if (partial) json["partial"] = true;
  json["curves"] = Json::array();
  for (const Curve& curve : set.curves) {
    const std::vector<CurvePoint>& p = curve.points;
    json["curves"].push_back(
        {{"held",
          {{"name", held_name(set.stimulus)}, {"unit", "V"}, {"value", number(curve.held)}}},
         {"stimulus", values(s.unit, p, [](const CurvePoint& c) { return c.stimulus; })},
         {"mu", values("V", p, [](const CurvePoint& c) { return c.mu; })},
         {"sigma", values("V", p, [](const CurvePoint& c) { return c.sigma; })},
         {"rate", values("Hz", p, [](const CurvePoint& c) { return c.at.rate; })},
         {"log_rate", values("1", p, [](const CurvePoint& c) { return c.at.log_rate; })},
         {"gain", values(gain_unit.c_str(), p, [](const CurvePoint& c) { return c.gain; })},
         {"cv", values("1", p, [](const CurvePoint& c) { return c.cv; })}});
  }
  if (set.state) {
    json["stationary_state"] = {{"stimulus", quantity(s.unit, set.state->stimulus)},
                                {"mu", quantity("V", set.state->mu)},
                                {"sigma", quantity("V", set.state->sigma)},
                                {"rate", quantity("Hz", set.state->at.rate)},
                                {"gain", quantity(gain_unit.c_str(), set.state->gain)},
                                {"cv", quantity("1", set.state->cv)}};
  }
  json["notes"] = notes_json(set.notes);
  return dump(json);
}

std::string curve_csv(const CurveSet& set) {
  std::string text = fmt::format("# nuphi {}, rate against stimulus, {}; SI units\n", version(),
                                 one_line(set.title));
  for (const std::string& fact : set.facts) text += fmt::format("# {}\n", one_line(fact));
  for (const Note& note : set.notes) text += fmt::format("# note: {}\n", one_line(note.message));
  text += fmt::format("{}mu,sigma,rate,log_rate,gain,drate_dmu,drate_dsigma,cv\n",
                      set.stimulus == Stimulus::kCurrent ? "current," : "");
  for (const Curve& curve : set.curves) {
    for (const CurvePoint& p : curve.points) {
      if (set.stimulus == Stimulus::kCurrent) text += round_trip(p.stimulus) + ",";
      text +=
          fmt::format("{},{},{},{},{},{},{},{}\n", round_trip(p.mu), round_trip(p.sigma),
                      round_trip(p.at.rate), round_trip(p.at.log_rate), round_trip(p.gain),
                      round_trip(p.at.drate_dmu), round_trip(p.at.drate_dsigma), round_trip(p.cv));
    }
  }
  return text;
}

std::string curve_table(const CurveSet& set, bool with_plot) {
  const DisplayUnit unit = display_unit(name_of(set.stimulus).unit);
  std::string text = set.title + "\n";
  for (const std::string& fact : set.facts) text += fact + "\n";
  std::vector<std::string> header{stimulus_label(set.stimulus)};
  for (const Curve& curve : set.curves) {
    header.push_back(fmt::format("rate (Hz) at {}", held_label(set, curve)));
    header.push_back(fmt::format("gain (Hz/{})", unit.name));
    header.emplace_back("CV");
  }
  Table table(header);
  for (std::size_t i = 0; i < set.curves.front().points.size(); ++i) {
    std::vector<std::string> row{display(set.curves.front().points[i].stimulus / unit.size)};
    for (const Curve& curve : set.curves) {
      const CurvePoint& p = curve.points[i];
      row.push_back(fmt::format("{:.5g}", p.at.rate));
      row.push_back(std::isnan(p.gain) ? "–" : fmt::format("{:.4g}", p.gain * unit.size));
      row.push_back(std::isnan(p.cv) ? "–" : fmt::format("{:.3f}", p.cv));
    }
    table.add(std::move(row));
  }
  text += "\n" + table.text();
  if (set.state) {
    text += fmt::format("\nstationary state: {} = {:.6g} {}, rate {:.6g} Hz, gain {:.4g} Hz/{}\n",
                        name_of(set.stimulus).symbol, set.state->stimulus / unit.size, unit.name,
                        set.state->at.rate, set.state->gain * unit.size, unit.name);
  }
  if (with_plot) text += "\n" + text_plot(lines(set), stimulus_label(set.stimulus), "rate (Hz)");
  if (!set.notes.empty()) text += "\n" + notes_text(set.notes);
  return text;
}

std::string curve_svg(const CurveSet& set) {
  const double unit = display_unit(name_of(set.stimulus).unit).size;
  const double mark =
      set.state ? set.state->stimulus / unit : std::numeric_limits<double>::quiet_NaN();
  return svg_plot(lines(set), set.title, stimulus_label(set.stimulus), "rate (Hz)", mark);
}

}  // namespace nuphi::runner
