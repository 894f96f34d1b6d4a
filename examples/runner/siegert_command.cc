#include <fmt/format.h>
#include <nuphi/core/siegert.h>

#include <array>
#include <utility>

#include "commands.h"
#include "points.h"
#include "points_stream.h"
#include "transfer_points.h"

namespace nuphi::runner {
namespace {

constexpr const char* kColumns =
    "rate,log_rate,drate_dmu,drate_dsigma,dlog_rate_dmu,dlog_rate_dsigma,cv";
constexpr const char* kSecondColumns = ",d2rate_dmu2,d2rate_dmudsigma,d2rate_dsigma2";
constexpr std::size_t kFirst = 7, kAll = 10;

/// Points of one correction as arrays, and where they stand in the table.
struct Group {
  std::vector<double> mu, sigma;
  std::vector<LifParameters> neurons;
  std::vector<std::size_t> rows;

  void add(const WorkingPoint& p, std::size_t row) {
    mu.push_back(p.mu);
    sigma.push_back(p.sigma);
    neurons.push_back(p.neuron);
    rows.push_back(row);
  }
};

using Groups = std::array<Group, 7>;  // one for each Correction

Groups by_correction(const std::vector<WorkingPoint>& points) {
  Groups groups;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool white = points[i].neuron.tau_syn == 0;  // all corrections are one
    const Correction correction = white ? Correction::kShift : points[i].correction;
    groups[static_cast<std::size_t>(correction)].add(points[i], i);
  }
  return groups;
}

void evaluate(const Group& group, Correction correction, std::size_t columns,
              std::vector<double>& values) {
  const std::size_t n = group.rows.size();
  std::vector<double> arrays(n * columns);
  const auto array = [&](std::size_t k) {
    return k < columns ? std::span(arrays).subspan(k * n, n) : std::span<double>();
  };
  siegert_batch(group.mu, group.sigma, group.neurons,
                {.rate = array(0),
                 .log_rate = array(1),
                 .drate_dmu = array(2),
                 .drate_dsigma = array(3),
                 .dlog_rate_dmu = array(4),
                 .dlog_rate_dsigma = array(5),
                 .d2rate_dmu2 = array(7),
                 .d2rate_dmudsigma = array(8),
                 .d2rate_dsigma2 = array(9),
                 .cv = array(6)},
                {.correction = correction, .threads = 1});
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < columns; ++k)
      values[group.rows[i] * columns + k] = arrays[k * n + i];
  }
}

PointsTask lif_task(const PointsHeader& header, bool second_derivatives) {
  const std::size_t columns = second_derivatives ? kAll : kFirst;
  const auto evaluate_block = [read = WorkingPointColumns(header), columns](PointsBlock& block) {
    const Groups groups = by_correction(block.read<WorkingPoint>(read));
    std::vector<double> values(block.size() * columns);
    for (std::size_t k = 0; k < groups.size(); ++k) {
      if (!groups[k].rows.empty()) {
        evaluate(groups[k], static_cast<Correction>(k), columns, values);
      }
    }
    return values;
  };
  return {std::string(kColumns) + (second_derivatives ? kSecondColumns : ""), evaluate_block};
}

}  // namespace

int run_siegert(const SiegertArguments& arguments) {
  if (arguments.transfer != "lif") {
    if (arguments.second_derivatives)
      throw UsageError("--second-derivatives: only --transfer lif has them");
    return run_transfer(arguments.files, arguments.transfer, arguments.table);
  }
  if (!arguments.table.empty()) throw UsageError("--table belongs to --transfer tabulated");
  return stream_points(
      arguments.files, kPointColumns, kOptionalPointColumns,
      [&](const PointsHeader& header) { return lif_task(header, arguments.second_derivatives); });
}

}  // namespace nuphi::runner
