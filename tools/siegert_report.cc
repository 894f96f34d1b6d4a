// Writes the tables of docs/theory/siegert.md, and its figure: digits and cost of other evaluations
// of the Siegert rate beside nuphi's, and the steps at the seams between its regions.
//   siegert_report [--check] siegert.md [siegert_low_noise.svg]    --times prints times instead
#include <fmt/format.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "generated_file.h"
#include "line_plot.h"
#include "support/csv.h"
#include "support/siegert_peers.h"

namespace {
using namespace nuphi;
using test::PeerRate;
using tools::table_header, tools::table_row;

struct Point {
  double mu, sigma, rate;
  LifParameters neuron;
};

/// In mV and s.
constexpr LifParameters kNeuron{.tau_m = 0.02, .t_ref = 0.002, .V_th = 20, .V_reset = 10};

PeerRate closed_form(double mu, double sigma, const LifParameters& neuron) {
  return {siegert(mu, sigma, neuron, Correction::kShift).rate, false};
}

std::vector<test::Peer> methods() {
  std::vector<test::Peer> all(test::kPeers.begin(), test::kPeers.end());
  all.push_back({"nuphi", closed_form});
  return all;
}

double relative_error(double rate, double exact) {
  if (exact == 0) return rate == 0 ? 0 : INFINITY;
  const double error = std::abs(rate / exact - 1);
  return std::isnan(error) ? INFINITY : error;
}

std::string magnitude(double error) {
  if (error == 0) return "0";
  return std::isinf(error) ? "∞" : fmt::format("{:.0e}", error);
}

// ---- towards low noise

std::string outcome(const PeerRate& r, double exact) {
  std::string text;
  if (!std::isfinite(r.rate)) {
    text = std::isnan(r.rate) ? "nan" : "inf";
  } else if (r.rate == 0) {
    text = exact == 0 ? "underflow" : "0";
  } else {
    text = magnitude(std::max(relative_error(r.rate, exact), 1e-16));
  }
  return fmt::format("{}{} / {}", text, r.gave_up ? ", gave up" : "", r.evaluations);
}

std::string low_noise_table() {
  std::vector<std::string> header{"μ (mV)", "σ (mV)", "y_t", "ν (Hz)", "ln(ν/Hz)"};
  for (const test::Peer& peer : test::kPeers) header.emplace_back(peer.name);
  std::string text = table_header(header);
  const std::array<std::pair<double, std::vector<double>>, 3> scans{
      {{22, {5, 1, 0.3, 0.1, 0.03, 1e-2, 1e-4, 0}},
       {20, {5, 0.3, 1e-2, 1e-4}},
       {15, {5, 2, 1, 0.5, 0.2, 0.19, 0.1, 0}}}};
  for (const auto& [mu, sigmas] : scans) {
    for (const double sigma : sigmas) {
      const SiegertRate exact = siegert(mu, sigma, kNeuron, Correction::kNone);
      std::vector<std::string> row{fmt::format("{:g}", mu), fmt::format("{:g}", sigma),
                                   fmt::format("{:.4g}", (kNeuron.V_th - mu) / sigma),
                                   fmt::format("{:.6g}", exact.rate),
                                   fmt::format("{:.6g}", exact.log_rate)};
      for (const test::Peer& peer : test::kPeers)
        row.push_back(outcome(peer.rate(mu, sigma, kNeuron), exact.rate));
      text += table_row(row);
    }
  }
  return text;
}

std::string low_noise_figure() {
  tools::LinePlot plot("Relative error of the rate (full: μ = 22 mV, dashed: μ = 15 mV)",
                       {"log10(σ / mV)", -3, 1, 0.5}, {"error", -16, 0, 2, true});
  const std::array<const char*, 3> colours{"#b3263b", "#d98200", "#1b6ca8"};
  for (std::size_t k = 0; k < test::kPeers.size(); ++k) {
    for (const double mu : {22.0, 15.0}) {
      std::vector<std::pair<double, double>> line;
      for (int i = 0; i <= 200; ++i) {
        const double log_sigma = -3 + 0.02 * i, sigma = std::pow(10, log_sigma);
        const double exact = siegert(mu, sigma, kNeuron).rate;
        if (exact < 1e-300) continue;
        const double error = relative_error(test::kPeers[k].rate(mu, sigma, kNeuron).rate, exact);
        line.emplace_back(log_sigma, std::clamp(error, 1e-16, 1.0));
      }
      plot.add(line, colours[k], mu == 15, mu == 22 ? test::kPeers[k].name : "");
    }
  }
  return plot.svg();
}

// ---- the derivative

std::string slope_table() {
  std::string text = table_header({"y", "f(y)", "error of exp(y²)(1 + erf y)"});
  for (const double y : {2.0, -1.0, -2.0, -3.0, -4.0, -5.0, -5.8, -6.0, -10.0, -27.0}) {
    const long double x = -static_cast<long double>(y);
    const long double exact = std::exp(x * x) * std::erfc(x);
    const long double naive = std::exp(y * y) * (1 + std::erf(y));
    const double error = static_cast<double>(std::abs(naive / exact - 1));
    text += table_row({fmt::format("{:g}", y), fmt::format("{:.6g}", static_cast<double>(exact)),
                       std::isnan(error) ? "nan" : magnitude(std::fmax(error, 1e-16))});
  }
  return text;
}

// ---- reference table

struct Score {
  int points = 0;
  int wrong = 0;  ///< not within 1e-6, or not a number
  int not_finite = 0;
  int gave_up = 0;  ///< the quadrature says so
  double evaluations = 0;
  std::vector<double> errors;
};

Score score(const std::vector<Point>& points, const test::Peer& method) {
  Score s;
  for (const Point& p : points) {
    const PeerRate r = method.rate(p.mu, p.sigma, p.neuron);
    const double error = relative_error(r.rate, p.rate);
    ++s.points;
    s.gave_up += r.gave_up;
    s.not_finite += !std::isfinite(r.rate);
    s.wrong += !(error < 1e-6);
    s.evaluations += r.evaluations;
    s.errors.push_back(error);
  }
  std::sort(s.errors.begin(), s.errors.end());
  return s;
}

/// Rows by regime. Rates too small for a double are left to log_rate, which the others do not have.
std::map<std::string, std::vector<Point>> read_points() {
  const test::CsvTable table("siegert.csv");
  std::map<std::string, std::vector<Point>> regimes;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const Point p{at("mu"),
                  at("sigma"),
                  at("nu"),
                  {at("tau_m"), at("t_ref"), at("V_th"), at("V_reset"), at("tau_syn")}};
    if (p.rate > 1e-300 || p.sigma == 0) regimes[table.text(i, "regime")].push_back(p);
  }
  return regimes;
}

std::string share(int part, int whole) {
  return part == 0 ? "0" : fmt::format("{:.0f} %", std::ceil(100.0 * part / whole));
}

std::string regimes_table() {
  std::string text = table_header({"regime (points)", "method", "median error", "99 % below",
                                   "worst", "off by > 1e-6 or no number", "no number",
                                   "quadrature gave up", "mean evaluations"});
  for (const auto& [regime, points] : read_points()) {
    for (const test::Peer& method : methods()) {
      const Score s = score(points, method);
      const auto quantile = [&](double q) {
        return magnitude(s.errors[static_cast<std::size_t>(q * static_cast<double>(s.points - 1))]);
      };
      text += table_row({fmt::format("{} ({})", regime, points.size()), method.name, quantile(0.5),
                         quantile(0.99), quantile(1), share(s.wrong, s.points),
                         share(s.not_finite, s.points), share(s.gave_up, s.points),
                         fmt::format("{:.3g}", s.evaluations / s.points)});
    }
  }
  return text;
}

// ---- seams

/// The largest change of ν between neighbouring doubles about a seam, beyond what its slope gives.
class Seam {
 public:
  void about_mu(double mu, double sigma, const LifParameters& neuron) {
    for (int k = 0; k < kNeighbours; ++k) mu = std::nextafter(mu, -INFINITY);
    SiegertRate last = siegert(mu, sigma, neuron, Correction::kShift);
    for (int k = 0; k < 2 * kNeighbours; ++k) {
      const double next = std::nextafter(mu, INFINITY);
      const SiegertRate r = siegert(next, sigma, neuron, Correction::kShift);
      const double expected = last.dlog_rate_dmu * (next - mu);
      step_ = std::fmax(step_, std::abs((r.rate - last.rate) / last.rate - expected));
      mu = next;
      last = r;
      ++pairs_;
    }
  }

  [[nodiscard]] std::string row(const std::string& name) const {
    return table_row({name, fmt::format("{}", pairs_), fmt::format("{:.1e}", step_)});
  }

 private:
  static constexpr int kNeighbours = 6;
  long pairs_ = 0;
  double step_ = 0;
};

std::string seams_table() {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> unit(0, 1);
  constexpr int kNeurons = 20000;
  Seam threshold, narrow, reset, pieces;
  for (int k = 0; k < kNeurons; ++k) {
    LifParameters n = kNeuron;
    n.V_reset = n.V_th - std::pow(10, -3 + 5 * unit(random));
    n.tau_syn = k % 2 == 0 ? 0 : 0.001;
    const double c = 1.0326265761156086 * std::sqrt(n.tau_syn / n.tau_m);
    const double length = n.V_th - n.V_reset, sigma = length * std::pow(10, -1 + 3 * unit(random));
    const double d = length / sigma;
    const auto mu_at = [&](double y) { return n.V_th - (y - c) * sigma; };
    threshold.about_mu(mu_at(0), sigma, n);
    if (d < 0.6 && d > 0.012) narrow.about_mu(mu_at((0.6 / d - 1) / 2), sigma, n);
    reset.about_mu(mu_at(d), sigma, n);
    pieces.about_mu(mu_at(1 + k % 7), sigma, n);
  }
  return table_header({"seam", "pairs of neighbours", "largest step in ν, relative"}) +
         threshold.row("y_t = 0: A to B or C") + narrow.row("d(1 + 2y_t) = 0.6: C to B") +
         reset.row("y_r = 0: the two forms of B") + pieces.row("y_t = 1 … 7: pieces of P");
}

// ---- times, which differ from run to run

double nanoseconds(const std::vector<Point>& points, const test::Peer& method) {
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

void print_times() {
  std::vector<std::string> header{"regime, ns a call"};
  for (const test::Peer& method : methods()) header.emplace_back(method.name);
  fmt::print("{}", table_header(header));
  for (const auto& [regime, points] : read_points()) {
    std::vector<std::string> row{regime};
    for (const test::Peer& method : methods())
      row.push_back(fmt::format("{:.3g}", nanoseconds(points, method)));
    fmt::print("{}", table_row(row));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments == std::vector<std::string>{"--times"}) {
    print_times();
    return 0;
  }
  const bool check = !arguments.empty() && arguments.front() == "--check";
  if (check) arguments.erase(arguments.begin());
  if (arguments.empty() || arguments.size() > 2) {
    fmt::print(stderr, "usage: siegert_report [--check] siegert.md [siegert_low_noise.svg]\n");
    return 2;
  }
  tools::GeneratedSections page(arguments[0]);
  page.replace("low noise", low_noise_table());
  page.replace("slope", slope_table());
  page.replace("regimes", regimes_table());
  page.replace("seams", seams_table());
  if (arguments.size() == 2 && !check) std::ofstream(arguments[1]) << low_noise_figure();
  return page.finish(check);
}
