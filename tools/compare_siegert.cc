// Writes docs/theory/siegert_peers.md: digits and time of other evaluations of the Siegert rate
// beside nuphi's, over the reference table.
//   compare_siegert siegert.csv docs/theory/siegert_peers.md
#include <fmt/format.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "generated_file.h"
#include "support/csv.h"
#include "support/siegert_peers.h"

namespace {
using namespace nuphi;
using test::PeerRate;

struct Point {
  double mu, sigma, rate;
  LifParameters neuron;
};

PeerRate closed_form(double mu, double sigma, const LifParameters& neuron) {
  return {siegert(mu, sigma, neuron, Correction::kShift).rate, false};
}

std::vector<test::Peer> methods() {
  std::vector<test::Peer> all(test::kPeers.begin(), test::kPeers.end());
  all.push_back({"nuphi", closed_form});
  return all;
}

struct Score {
  int points = 0;
  int wrong = 0;  ///< not within 1e-6, or not a number
  int not_finite = 0;
  int gave_up = 0;  ///< the quadrature says so
  std::vector<double> errors;
  double nanoseconds = 0;  ///< a call, mean over the regime
};

double relative_error(double rate, double exact) {
  if (exact == 0) return rate == 0 ? 0 : INFINITY;
  return std::abs(rate / exact - 1);
}

double time_per_call(const std::vector<Point>& points, const test::Peer& method) {
  double sum = 0;
  long calls = 0;
  const std::clock_t start = std::clock();  // of this process: others on the machine do not count
  double seconds = 0;
  do {
    for (const Point& p : points) sum += method.rate(p.mu, p.sigma, p.neuron).rate;
    calls += static_cast<long>(points.size());
    seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  } while (seconds < 0.1);
  volatile double keep = sum;
  static_cast<void>(keep);
  return seconds / static_cast<double>(calls) * 1e9;
}

Score score(const std::vector<Point>& points, const test::Peer& method) {
  Score s;
  for (const Point& p : points) {
    const PeerRate r = method.rate(p.mu, p.sigma, p.neuron);
    const double error = relative_error(r.rate, p.rate);
    ++s.points;
    s.gave_up += r.gave_up;
    s.not_finite += !std::isfinite(r.rate);
    s.wrong += !(error < 1e-6);
    s.errors.push_back(std::isnan(error) ? INFINITY : error);
  }
  std::sort(s.errors.begin(), s.errors.end());
  s.nanoseconds = time_per_call(points, method);
  return s;
}

/// Rows by regime. Rates too small for a double are left to log_rate, which the others do not have.
std::map<std::string, std::vector<Point>> read_points(const std::string& path) {
  const test::CsvTable table(path);
  std::map<std::string, std::vector<Point>> regimes;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const Point p{at("mu"),
                  at("sigma"),
                  at("nu"),
                  {at("tau_m"), at("tau_ref"), at("V_th"), at("V_r"), at("tau_s")}};
    if (p.rate > 1e-300 || p.sigma == 0) regimes[table.text(i, "regime")].push_back(p);
  }
  return regimes;
}

std::string magnitude(double error) {
  if (error == 0) return "0";
  return std::isinf(error) ? "∞" : fmt::format("{:.0e}", error);
}

std::string share(int part, int whole) {
  return part == 0 ? "0" : fmt::format("{:.1f} %", 100.0 * part / whole);
}

std::string results(const std::string& path) {
  std::string text;
  for (const auto& [regime, points] : read_points(path)) {
    text += fmt::format("\n### {} ({} points)\n", regime, points.size());
    text += tools::table_header({"method", "median error", "99 % below", "worst",
                                 "off by > 1e-6 or no number", "no number", "quadrature gave up",
                                 "ns a call"});
    for (const test::Peer& method : methods()) {
      const Score s = score(points, method);
      const auto quantile = [&](double q) {
        return magnitude(s.errors[static_cast<std::size_t>(q * static_cast<double>(s.points - 1))]);
      };
      text += tools::table_row({method.name, quantile(0.5), quantile(0.99), quantile(1),
                                share(s.wrong, s.points), share(s.not_finite, s.points),
                                share(s.gave_up, s.points), fmt::format("{:.0f}", s.nanoseconds)});
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: compare_siegert siegert.csv OUTPUT.md\n");
    return 2;
  }
  std::ofstream(argv[2])
      << "# Other evaluations of the Siegert rate\n"
         "Written by `compare_siegert` (tools/compare_siegert.cc, built with NUPHI_BENCH=ON and "
         "GSL) from the reference "
         "table. The\nothers are written anew from the papers (tests/support/siegert_peers.h), "
         "with GSL's adaptive "
         "Gauss–Kronrod rule (31 points) at the\nrelative tolerance 1.49e-8 that NEST uses:\n"
         "\n"
         "- **plain quadrature**: ∫ e^{s²}(1 + erf s) ds as it stands (Brunel 2000, eq. 21).\n"
         "  1 + erf s has no digits left for s < −6: drive far above threshold. e^{s²} overflows "
         "for s > 26.6.\n"
         "- **half line**: ∫_0^∞ e^{−u²}(e^{2y_t u} − e^{2y_r u})/u du (Brunel & Hakim 1999; Hahne "
         "et al. 2017, app. A.1; "
         "NEST until 2.20).\n"
         "  The difference cancels where y_t − y_r is small; for y_t ≪ 0 the integrand is a narrow "
         "spike at u = 0.\n"
         "- **scaled erfcx**: Dawson's integral for the growing part, ∫ erfcx for the rest, "
         "e^{−y_t²} taken out (van Meegen "
         "2020; NEST\n  from 3.0). Two Dawson integrals cancel where y_t − y_r is small and y_r > "
         "0.\n"
         "- None gives ln ν or a derivative, none takes σ = 0. NEST's code moreover returns 0 for "
         "V_th − μ > 6σ, which is not "
         "counted here.\n"
         "\n"
         "Errors are relative errors of the rate at the doubles given. Rates below 1e-300 are left "
         "out: the others return 0, "
         "nuphi has\nlog_rate. Regimes: reference table (tests/data). Times are of one machine, a "
         "mean over the regime.\n"
      << results(argv[1]);
  return 0;
}
