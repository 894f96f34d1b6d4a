#include "transfer_points.h"

#include <fmt/format.h>
#include <nuphi/core/transfer_function.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "commands.h"
#include "files.h"
#include "points.h"

namespace nuphi::runner {
namespace {

constexpr const char* kColumns = "rate,drate_dmu,drate_dsigma";

/// Columns of a function's own, and the function at a row.
struct Choice {
  std::vector<std::string> required;
  std::vector<std::string> optional;
  bool has_threshold = true;
  std::function<std::function<TransferRate(const PointsRow&, double mu, double sigma)>(
      const PointsHeader&)>
      at;
};

std::size_t threshold_column(const PointsHeader& header) {
  const std::size_t theta = header.find("theta");
  if (theta != PointsHeader::kAbsent) return theta;
  const std::size_t V_th = header.find("V_th");
  if (V_th == PointsHeader::kAbsent)
    header.fail_missing("theta", "the threshold; a column V_th serves too");
  return V_th;
}

Choice binary() {
  return {.required = {}, .optional = {}, .at = [](const PointsHeader& header) {
            return
                [theta = threshold_column(header)](const PointsRow& row, double mu, double sigma) {
                  return BinaryTransfer{row.finite_number(theta)}(mu, sigma);
                };
          }};
}

Choice threshold_linear() {
  return {.required = {"gain"}, .optional = {"spread"}, .at = [](const PointsHeader& header) {
            return [theta = threshold_column(header), gain = header.find("gain"),
                    spread = header.find("spread")](const PointsRow& row, double mu, double sigma) {
              ThresholdLinearTransfer f{.gain = non_negative(row, gain, "gain"),
                                        .theta = row.finite_number(theta)};
              if (spread != PointsHeader::kAbsent && !row.text(spread).empty())
                f.spread = non_negative(row, spread, "spread");
              return f(mu, sigma);
            };
          }};
}

Choice noisy_softplus() {
  return {.required = {"k", "S"}, .optional = {}, .at = [](const PointsHeader& header) {
            return [theta = threshold_column(header), k = header.find("k"),
                    slope = header.find("S")](const PointsRow& row, double mu, double sigma) {
              const NoisySoftplusTransfer f{.k = non_negative(row, k, "k"),
                                            .S = non_negative(row, slope, "S"),
                                            .theta = row.finite_number(theta)};
              if (f.k == 0) row.fail(k, "not-positive", "k is 0", "the bend has a width above 0");
              return f(mu, sigma);
            };
          }};
}

Choice tabulated(const std::string& path) {
  if (path.empty())
    throw UsageError("--transfer tabulated needs --table FILE.csv with columns mu[,sigma],rate");
  note_input(path);
  const auto f = std::make_shared<const TabulatedTransfer>(TabulatedTransfer::from_csv(path));
  return {.required = {},
          .optional = {},
          .has_threshold = false,
          .at = [f](const PointsHeader& header) {
            return [f, column = header.find("mu")](const PointsRow& row, double mu, double sigma) {
              const TransferRate r = (*f)(mu, sigma);
              if (std::isnan(r.rate)) {
                row.fail(column, "outside-table",
                         fmt::format("mu = {}, sigma = {} lies outside the table", mu, sigma),
                         "the table says nothing there; extend it");
              }
              return r;
            };
          }};
}

Choice choose(const std::string& name, const std::string& table) {
  if (name == "tabulated") return tabulated(table);
  if (!table.empty()) throw UsageError("--table belongs to --transfer tabulated");
  if (name == "binary") return binary();
  if (name == "threshold_linear") return threshold_linear();
  if (name == "noisy_softplus") return noisy_softplus();
  throw UsageError(
      fmt::format("--transfer \"{}\": allowed are lif, binary, threshold_linear, noisy_softplus, "
                  "tabulated",
                  name));
}

}  // namespace

int run_transfer(const PointsArguments& arguments, const std::string& name,
                 const std::string& table) {
  const Choice choice = choose(name, table);
  std::vector<std::string> required{"mu", "sigma"};
  required.insert(required.end(), choice.required.begin(), choice.required.end());
  std::vector<std::string> optional = choice.optional;
  if (choice.has_threshold) optional.emplace_back("theta");
  for (const char* carried : {"V_th", "V_reset", "tau_m", "t_ref", "tau_syn", "correction"})
    optional.emplace_back(carried);

  return stream_points(
      arguments, required, optional, [&](const PointsHeader& header) -> PointsTask {
        const auto read = [at = choice.at(header), mu = header.find("mu"),
                           sigma = header.find("sigma")](const PointsRow& row) {
          return at(row, row.finite_number(mu), non_negative(row, sigma, "sigma"));
        };
        return {kColumns, [read](PointsBlock& block) {
                  std::vector<double> values;
                  values.reserve(3 * block.size());
                  for (const TransferRate& r : block.read<TransferRate>(read))
                    values.insert(values.end(), {r.rate, r.drate_dmu, r.drate_dsigma});
                  return values;
                }};
      });
}

}  // namespace nuphi::runner
