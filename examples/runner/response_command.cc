#include <fmt/format.h>
#include <nuphi/core/dynamic_response.h>

#include "commands.h"
#include "files.h"
#include "points.h"
#include "response_names.h"

namespace nuphi::runner {
namespace {

constexpr std::string_view kColumns =
    "rate,response_mu_re,response_mu_im,response_variance_re,response_variance_im,isi_transform_re,"
    "isi_transform_im,spectrum";

std::string evaluated(const WorkingPoint& p, double frequency, Refractoriness refractoriness) {
  const DynamicResponse response(p.mu, p.sigma, p.neuron, p.correction, refractoriness);
  const auto [r, spectrum] = response.at_hertz(frequency);
  std::string row;
  for (const double value :
       {response.rate(), r.d_mu.real(), r.d_mu.imag(), r.d_variance.real(), r.d_variance.imag(),
        r.isi_transform.real(), r.isi_transform.imag(), spectrum}) {
    row += "," + round_trip(value);
  }
  return row;
}

}  // namespace

Refractoriness refractoriness_of(const std::string& name) {
  if (name == "exact") return Refractoriness::kExact;
  if (name == "rate_only") return Refractoriness::kRateOnly;
  throw UsageError(fmt::format("--refractoriness \"{}\": allowed are exact, rate_only", name));
}

int run_response(const ResponseArguments& arguments) {
  const Refractoriness refractoriness = refractoriness_of(arguments.refractoriness);
  std::vector<std::string> columns = kPointColumns;
  columns.emplace_back("frequency");
  PointsReader reader(arguments.points, columns, kOptionalPointColumns);
  OutputFile file(arguments.output.empty() ? "-" : arguments.output);
  file.write(fmt::format("{},{}\n", reader.header(), kColumns));
  bool complete = true;
  while (true) {
    try {
      if (!reader.next()) break;
      file.write(reader.line() +
                 evaluated(working_point(reader), reader.number("frequency"), refractoriness) +
                 "\n");
    } catch (const ModelError& error) {
      if (!arguments.keep_going) throw;
      fmt::print(stderr, "{}\n", error.what());
      file.write(reader.padded_line() + ",nan,nan,nan,nan,nan,nan,nan,nan\n");
      complete = false;
    }
  }
  file.commit();
  return complete ? kSuccess : kBadModel;
}

}  // namespace nuphi::runner
