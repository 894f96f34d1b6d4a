#include <fmt/format.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <cmath>
#include <limits>
#include <utility>

#include "commands.h"
#include "files.h"
#include "points.h"
#include "points_csv.h"

namespace nuphi::runner {
namespace {

constexpr std::string_view kColumns =
    "rate,log_rate,drate_dmu,drate_dsigma,dlog_rate_dmu,dlog_rate_dsigma,cv";
constexpr std::string_view kSecondColumns = "d2rate_dmu2,d2rate_dmudsigma,d2rate_dsigma2";

void append(std::string& row, std::initializer_list<double> values) {
  for (const double value : values) row += "," + round_trip(value);
}

/// The outputs of one point, each with a comma before it.
std::string evaluated(const WorkingPoint& p, bool second_derivatives) {
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
  PointsReader reader(arguments.points, kPointColumns, kOptionalPointColumns);
  OutputFile file(arguments.output.empty() ? "-" : arguments.output);
  const bool second = arguments.second_derivatives;
  file.write(fmt::format("{},{}{}{}\n", reader.header(), kColumns, second ? "," : "",
                         second ? kSecondColumns : ""));
  bool complete = true;
  while (true) {
    try {
      if (!reader.next()) break;
      file.write(reader.line() + evaluated(working_point(reader), second) + "\n");
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
