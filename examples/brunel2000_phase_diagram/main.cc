// Phase diagram of Brunel's (2000) network, model A, in the plane of g and ν_ext/ν_thr: curves on
// which the asynchronous state loses its stability to oscillations (Hopf), with their frequencies,
// and curves of folds. For two distributions of the delays.
//   example_brunel2000_phase_diagram [FOLDER]   writes a picture for each into the folder too
#include <fmt/format.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/rate_family.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "line_plot.h"

using namespace nuphi::units;

namespace {

const Eigen::Vector2d kLower(2.2, 0.3);  // of g and eta
const Eigen::Vector2d kUpper(8, 4);
constexpr double kFastest = 1500;  // [Hz]; the boundaries of interest are slower

struct Case {
  std::string name;
  std::string title;
  nuphi::Delay delay;
};

nuphi::Network network(const Case& c, double g, double eta) {
  nuphi::Network result = nuphi::brunel2000({.g = g, .eta = eta});
  for (nuphi::Projection& p : result.projections) p.delay = c.delay;
  return result;
}

nuphi::NetworkPlane plane(const Case& c) {
  return [&c](double g, double eta) { return network(c, g, eta); };
}

nuphi::HopfCurveOptions curve_options() {
  nuphi::HopfCurveOptions options;
  options.lower = kLower;
  options.upper = kUpper;
  options.count_modes = true;
  return options;
}

/// Hopf points along g at one external rate.
std::vector<nuphi::HopfPoint> scan(const Case& c, double eta) {
  nuphi::ContinuationOptions options;
  options.lower = kLower[0];
  options.upper = kUpper[0];
  options.direction = nuphi::BranchDirection::kDecreasing;
  options.stability = false;
  const auto field = [&](double g) { return nuphi::mean_field(network(c, g, eta)); };
  const nuphi::StationaryBranch branch = nuphi::continue_stationary(field, options);
  std::vector<nuphi::ParameterState> states;
  for (const nuphi::BranchPoint& point : branch.branch.points)
    states.push_back({point.parameter, point.x});
  std::vector<nuphi::HopfPoint> found =
      nuphi::find_hopf_points([&](double g) { return network(c, g, eta); }, states);
  std::erase_if(found, [](const nuphi::HopfPoint& p) { return p.frequency > kFastest; });
  return found;
}

/// All curves that cross one of the lines that are scanned, each once.
std::vector<nuphi::HopfCurve> hopf_curves(const Case& c) {
  const nuphi::NetworkPlane family = plane(c);
  std::vector<nuphi::HopfCurve> curves;
  for (const double eta : {0.9, 1.2, 2.0, 4.0}) {
    for (const nuphi::HopfPoint& point : scan(c, eta)) {
      const auto known = [&](const nuphi::HopfCurve& curve) {
        return nuphi::goes_through(family, curve, point, eta, curve_options());
      };
      if (std::any_of(curves.begin(), curves.end(), known)) continue;
      curves.push_back(nuphi::continue_hopf(family, point, eta, curve_options()));
    }
  }
  return curves;
}

/// Folds over eta at g = 3.5, where a silent and an active state meet, followed over g.
std::vector<nuphi::FoldCurve> fold_curves(const Case& c) {
  nuphi::ContinuationOptions options;
  options.lower = kLower[1];
  options.upper = 1.3;
  options.direction = nuphi::BranchDirection::kDecreasing;
  options.stability = false;
  const double g = 3.5;
  const auto line = [&](double eta) { return nuphi::mean_field(network(c, g, eta)); };
  const nuphi::StationaryBranch branch = nuphi::continue_stationary(line, options);
  nuphi::RateFamily both(
      [&](double eta, double at) { return nuphi::mean_field(network(c, at, eta)); },
      {kLower[1], kLower[0]}, {1.3, kUpper[0]}, {1.0, g});
  const nuphi::FoldCurveOptions curve{
      .steps = options, .second_lower = kLower[0], .second_upper = kUpper[0]};
  return nuphi::continue_folds(both, branch.branch.special_points, g, curve);
}

/// g at which the spike trains have CV 0.5: a crossover from regular to irregular, no bifurcation.
double crossover(const Case& c, double eta) {
  double low = 3;
  double high = 6;
  while (high - low > 1e-10) {
    const double g = 0.5 * (low + high);
    (nuphi::solve_stationary(network(c, g, eta)).state.cv[0] < 0.5 ? low : high) = g;
  }
  return 0.5 * (low + high);
}

// --- what a test can hold on to: the curves where they cross lines of constant external rate

void print_row(const Case& c, const char* kind, double eta, double g, double frequency, double rate,
               std::optional<int> unstable) {
  fmt::print("{},{},{},{:.12g},{:.12g},{:.12g},{}\n", c.name, kind, eta, g, frequency, rate,
             unstable ? std::to_string(*unstable) : "");
}

void print_crossings(const Case& c, const std::vector<nuphi::HopfCurve>& curves) {
  const nuphi::NetworkPlane family = plane(c);
  nuphi::HopfCurveOptions options = curve_options();
  options.max_points = 1;
  for (const double eta : {0.86, 0.88, 0.95, 1.5, 2.5, 3.0, 3.5}) {
    std::vector<nuphi::HopfCurvePoint> found;
    for (const nuphi::HopfCurve& curve : curves) {
      for (std::size_t k = 1; k < curve.points.size(); ++k) {
        const nuphi::HopfCurvePoint& a = curve.points[k - 1];
        const nuphi::HopfCurvePoint& b = curve.points[k];
        if ((a.second_parameter < eta) == (b.second_parameter < eta)) continue;
        const double u = (eta - a.second_parameter) / (b.second_parameter - a.second_parameter);
        const nuphi::HopfPoint guess{a.parameter + u * (b.parameter - a.parameter),
                                     a.rates + u * (b.rates - a.rates),
                                     a.frequency + u * (b.frequency - a.frequency)};
        const auto points = nuphi::continue_hopf(family, guess, eta, options).points;
        if (!points.empty()) found.push_back(points.front());
      }
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.parameter < b.parameter; });
    for (const nuphi::HopfCurvePoint& p : found)
      print_row(c, "hopf", eta, p.parameter, p.frequency, p.rates[0], p.unstable_modes);
  }
}

void print_folds(const Case& c, const std::vector<nuphi::FoldCurve>& curves) {
  for (const nuphi::FoldCurve& curve : curves) {
    for (const nuphi::FoldCurvePoint& p : curve.cusps)
      print_row(c, "cusp", std::round(p.parameter * 1e9) / 1e9,
                std::round(p.second_parameter * 1e7) / 1e7, 0, std::round(p.x[0] * 1e5) / 1e5, {});
  }
}

// --- picture

using Line = std::vector<std::pair<double, double>>;

/// A curve in pieces: those that bound the stable states, and the others.
void draw(nuphi::tools::LinePlot& plot, const nuphi::HopfCurve& curve, bool bounding) {
  const std::string colour = bounding ? "#c02020" : "#e0b0b0";
  Line line;
  for (const nuphi::HopfCurvePoint& p : curve.points) {
    const bool here = p.unstable_modes.value_or(1) == 0;
    if (here == bounding) {
      line.emplace_back(p.parameter, p.second_parameter);
    } else {
      plot.add(line, colour, false);
      line.clear();
    }
  }
  plot.add(line, colour, false);
}

/// The frequency, written beside the curve at the external rate `eta`.
void label(nuphi::tools::LinePlot& plot, const nuphi::HopfCurve& curve, double eta) {
  for (std::size_t k = 1; k < curve.points.size(); ++k) {
    const nuphi::HopfCurvePoint& p = curve.points[k];
    const double before = curve.points[k - 1].second_parameter;
    if ((before < eta) == (p.second_parameter < eta) || p.unstable_modes != 0) continue;
    plot.note(p.parameter + 0.3, p.second_parameter, fmt::format("{:.0f} Hz", p.frequency),
              "#c02020");
  }
}

std::string picture(const Case& c, const std::vector<nuphi::HopfCurve>& hopf,
                    const std::vector<nuphi::FoldCurve>& folds) {
  nuphi::tools::LinePlot plot(c.title, {"g", 2, 8, 1}, {"ν_ext/ν_thr", 0, 4, 1});
  for (const nuphi::HopfCurve& curve : hopf) draw(plot, curve, false);
  for (const nuphi::HopfCurve& curve : hopf) draw(plot, curve, true);
  for (const nuphi::FoldCurve& curve : folds) {
    Line line;
    for (const nuphi::FoldCurvePoint& p : curve.points)
      line.emplace_back(p.second_parameter, p.parameter);
    plot.add(line, "#2050c0", false);
  }
  Line irregular;
  for (int k = 0; k <= 30; ++k) irregular.emplace_back(crossover(c, 1 + 0.1 * k), 1 + 0.1 * k);
  plot.add(irregular, "#606060", true);
  for (const nuphi::HopfCurve& curve : hopf)
    for (const double eta : {1.4, 3.2}) label(plot, curve, eta);
  plot.note(2.4, 2.4, "SR");
  plot.note(3.75, 2.4, "AR");
  plot.note(5, 1.6, "AI");
  if (c.delay.distribution == nuphi::DelayDistribution::kConstant) plot.note(7, 3.6, "SI, fast");
  plot.note(6.6, 0.87, "SI, slow: 0 to 35 Hz");
  plot.note(2.6, 0.5, "two states", "#2050c0");
  return plot.svg();
}

}  // namespace

int main(int argc, char** argv) {
  const Case cases[] = {
      {"1.5ms", "Delay 1.5 ms", {.mean = 1.5 * ms}},
      {"0-3ms",
       "Delays spread uniformly over 0 to 3 ms",
       {.distribution = nuphi::DelayDistribution::kUniform, .min = 0, .max = 3 * ms}}};
  fmt::print("delays,kind,eta,g,frequency,rate,unstable_modes\n");
  for (const Case& c : cases) {
    const std::vector<nuphi::HopfCurve> hopf = hopf_curves(c);
    const std::vector<nuphi::FoldCurve> folds = fold_curves(c);
    print_crossings(c, hopf);
    print_folds(c, folds);
    if (argc > 1) {
      std::ofstream file(fmt::format("{}/brunel2000_{}.svg", argv[1], c.name));
      file << picture(c, hopf, folds);
      if (!file.flush()) {
        fmt::print(stderr, "error: cannot write into {}\n", argv[1]);
        return 5;
      }
    }
  }
  return 0;
}
