#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/exact_response.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <optional>
#include <span>

#include "commands.h"
#include "points.h"
#include "points_stream.h"
#include "response_names.h"

namespace nuphi::runner {
namespace {

constexpr std::string_view kColumns =
    "rate,response_mu_re,response_mu_im,response_variance_re,response_variance_im,isi_transform_re,"
    "isi_transform_im,spectrum";

struct ResponsePoint {
  WorkingPoint point;
  double frequency = 0;
};

/// Rows that differ in frequency only, as they mostly do, share what does not depend on it.
bool same_neuron(const WorkingPoint& a, const WorkingPoint& b) {
  return a.mu == b.mu && a.sigma == b.sigma && a.neuron == b.neuron && a.correction == b.correction;
}

struct Row {
  LinearResponse response;
  double spectrum;
};

/// A row of the correction exact.
Row exact_row(const WorkingPoint& p, double frequency) {
  const double omega = 2 * std::numbers::pi * std::abs(frequency);
  const ExactResponse r = exact_response(p.mu, p.sigma, p.neuron, std::span(&omega, 1))[0];
  const auto turned = [&](std::complex<double> z) { return frequency < 0 ? std::conj(z) : z; };
  return {{.d_mu = turned(r.d_mu),
           .d_variance = turned(r.d_variance),
           .log_first_passage = {},
           .isi_transform = turned(r.isi_transform)},
          r.spectrum};
}

std::vector<double> responses(const std::vector<ResponsePoint>& points,
                              const ResponseChoice& choice) {
  std::vector<double> values;
  values.reserve(8 * points.size());
  std::optional<DynamicResponse> response;
  double rate = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const WorkingPoint& p = points[i].point;
    const bool exact = p.correction == Correction::kExact && p.neuron.tau_syn > 0;
    const bool is_new = i == 0 || !same_neuron(p, points[i - 1].point);
    if (is_new && exact) {
      rate = exact_rate(p.mu, p.sigma, p.neuron, {.gradient = false}).rate.rate;
    } else if (is_new) {
      response.emplace(p.mu, p.sigma, p.neuron, p.correction,
                       choice.refractoriness.value_or(Refractoriness::kExact),
                       choice.colour.value_or(ColourResponse::kMoving));
      rate = response->rate();
    }
    const double f = points[i].frequency;
    const auto at_hertz = [&] {
      const auto [r, spectrum] = response->at_hertz(f);
      return Row{r, spectrum};
    };
    const auto [r, spectrum] = exact ? exact_row(p, f) : at_hertz();
    values.insert(values.end(),
                  {rate, r.d_mu.real(), r.d_mu.imag(), r.d_variance.real(), r.d_variance.imag(),
                   r.isi_transform.real(), r.isi_transform.imag(), spectrum});
  }
  return values;
}

}  // namespace

int run_response(const ResponseArguments& arguments) {
  const ResponseChoice choice = choice_of(arguments.words);
  if (choice.colour == ColourResponse::kExact)
    throw UsageError("--colour-response exact is of networks: give the rows the correction exact");
  std::vector<std::string> required = kPointColumns;
  required.emplace_back("frequency");
  return stream_points(
      arguments.files, required, kOptionalPointColumns,
      [&](const PointsHeader& header) -> PointsTask {
        const auto read = [point = WorkingPointColumns(header),
                           frequency = header.find("frequency")](const PointsRow& row) {
          return ResponsePoint{point(row), row.finite_number(frequency)};
        };
        return {std::string(kColumns), [read, choice](PointsBlock& block) {
                  return responses(block.read<ResponsePoint>(read), choice);
                }};
      });
}

}  // namespace nuphi::runner
