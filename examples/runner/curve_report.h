#pragma once

#include <nuphi/core/siegert.h>
#include <nuphi/models/notes.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "text_plot.h"

namespace nuphi::runner {

/// What is varied along a curve.
enum class Stimulus { kMean, kCurrent, kSigma };

/// Name, SI unit, and how people write both.
struct StimulusName {
  const char* name;
  const char* unit;
  const char* symbol;
};
StimulusName name_of(Stimulus stimulus);

struct CurvePoint {
  double stimulus = 0, mu = 0, sigma = 0;
  SiegertRate at;
  double gain = 0;  ///< dν/d(stimulus)
  double cv = 0;
};

struct Curve {
  double held = 0;  ///< σ, or μ where σ is varied
  std::vector<CurvePoint> points;
};

/// Rate against stimulus, for one or several values of what is held.
struct CurveSet {
  std::string title;
  std::vector<std::string> facts;  ///< what else the curves depend on, a line each
  Stimulus stimulus = Stimulus::kMean;
  std::vector<Curve> curves;
  std::optional<CurvePoint> state;  ///< where a population of a model stands
  std::vector<Note> notes{};        ///< where the colour correction is not what it is meant to be
};

std::string curve_json(const CurveSet& set, bool partial = false);
std::string curve_csv(const CurveSet& set);
std::string curve_table(const CurveSet& set, bool with_plot);
std::string curve_svg(const CurveSet& set);

}  // namespace nuphi::runner
