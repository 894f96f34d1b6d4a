#include <nuphi/core/scalar_root.h>
#include <nuphi/core/siegert.h>
#include <nuphi/rates/inverse.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <variant>

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

void require_size(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(std::string(what) + " must have one entry per population");
}

/// The part of μ and σ² that is given: recurrent input at the wanted rates, and the field's own
/// external input.
struct Given {
  Eigen::VectorXd mean;
  Eigen::VectorXd variance;
};

Given recurrent(const MeanField& field, const Eigen::VectorXd& rates) {
  const Eigen::MatrixXd sums = sums_at(field, rates);
  return {sums.col(MeanField::kMean) - field.external_mean(), sums.col(MeanField::kVariance)};
}

Given all_given(const MeanField& field, const Eigen::VectorXd& rates) {
  const Eigen::MatrixXd sums = sums_at(field, rates);
  return {sums.col(MeanField::kMean), sums.col(MeanField::kVariance)};
}

bool in_range(double rate, const LifParameters& p) { return rate > 0 && rate * p.t_ref < 1; }

/// What one spike per second of a source does to μ and σ².
struct Drive {
  double mean;
  double variance;
};
Drive drive_of(const ExternalSynapses& s, double tau_m) {
  const double mean = tau_m * s.indegree * s.weight;
  return {mean, mean * s.weight * (1 + s.weight_cv * s.weight_cv)};
}

/// One population with input that moves along a line: μ = μ₀ + m x, σ² = σ₀² + s x.
struct LineSearch {
  double mean, variance;
  Drive drive;
  LifParameters neuron;
  Correction correction;
  double wanted;  ///< ln(1/ν* − t_ref)

  [[nodiscard]] SiegertRate rate(double x) const {
    const double sigma = std::sqrt(std::max(0.0, variance + drive.variance * x));
    return siegert(mean + drive.mean * x, sigma, neuron, correction);
  }
  [[nodiscard]] double log_excess(const SiegertRate& r) const {
    return std::log(std::max(0.0, std::fma(-r.rate, neuron.t_ref, 1.0))) - r.log_rate;
  }
  /// ln[(T − t_ref)/(T* − t_ref)]: falls as an excitatory rate x grows.
  [[nodiscard]] ScalarSample sample(double x) const {
    const SiegertRate r = rate(x);
    const double sigma = std::sqrt(std::max(0.0, variance + drive.variance * x));
    const double slope =
        r.dlog_rate_dmu * drive.mean + r.dlog_rate_dsigma * drive.variance / (2 * sigma);
    return {log_excess(r) - wanted, -slope / std::fma(-r.rate, neuron.t_ref, 1.0),
            2 * kEpsilon * std::max(1.0, std::abs(wanted))};
  }
  /// About where the mean reaches threshold.
  [[nodiscard]] double guess() const {
    const double to_threshold = (neuron.V_th - mean) / drive.mean;
    const double step = (neuron.V_th - neuron.V_reset) / std::abs(drive.mean);
    return to_threshold > 0 ? to_threshold : step;
  }
};

struct Root {
  double value = kNaN;
  Attained attained = Attained::kNever;
};

/// x ≥ 0 where the neuron fires at the wanted rate. Excitation raises the rate from that without
/// the source; inhibition lowers it in the end, after its noise may have raised it: the falling
/// side is taken.
Root external_rate(const LineSearch& line) {
  const double at_zero = line.log_excess(line.rate(0)) - line.wanted;
  const double sign = line.drive.mean > 0 ? 1 : -1;
  if (at_zero == 0) return {0, Attained::kYes};
  if (std::isnan(at_zero)) return {};
  if (sign * at_zero < 0) return {kNaN, sign > 0 ? Attained::kOnlyNegative : Attained::kNever};
  const auto f = [&](double x) {
    const ScalarSample s = line.sample(x);
    return ScalarSample{sign * s.value, sign * s.slope, s.noise};
  };
  const double guess = line.guess();
  const double x =
      decreasing_root(f, [](double at) { return kEpsilon * at; }, guess, {.low = 0, .step = guess});
  return {x, std::isfinite(x) ? Attained::kYes : Attained::kNever};
}

InverseInput prepared(Eigen::Index n) {
  return {Eigen::VectorXd::Constant(n, kNaN), std::vector<Attained>(n, Attained::kNever)};
}

}  // namespace

bool InverseInput::all_attained() const {
  return std::all_of(attained.begin(), attained.end(),
                     [](Attained a) { return a == Attained::kYes; });
}

InverseInput external_mean_for_rates(const MeanField& field, const Eigen::VectorXd& rates) {
  require_lif(field, "inverse problems are");
  require_size(rates.size() == field.size(), "target rates");
  const Given given = recurrent(field, rates);
  const std::vector<LifParameters> neurons = effective_neurons(field, rates);
  InverseInput result = prepared(rates.size());
  for (Eigen::Index i = 0; i < rates.size(); ++i) {
    const LifParameters& neuron = neurons[i];
    const double mu =
        siegert_inverse_mu(rates[i], std::sqrt(given.variance[i]), neuron, field.lif(i).correction);
    result.value[i] = mu - given.mean[i];
    if (!in_range(rates[i], neuron)) {
      result.attained[i] = Attained::kRateOutOfRange;
    } else if (std::isfinite(mu)) {
      result.attained[i] = Attained::kYes;
    }
  }
  return result;
}

InverseInput external_rates_for_rates(const MeanField& field, const Eigen::VectorXd& rates,
                                      const std::vector<ExternalSynapses>& synapses) {
  require_one_tau_syn(field, "external rates for given ones are known");
  require_size(rates.size() == field.size(), "target rates");
  require_size(static_cast<Eigen::Index>(synapses.size()) == field.size(), "external synapses");
  const Given given = all_given(field, rates);
  InverseInput result = prepared(rates.size());
  for (Eigen::Index i = 0; i < rates.size(); ++i) {
    const LifParameters& neuron = field.lif(i).neuron;
    if (!in_range(rates[i], neuron)) {
      result.attained[i] = Attained::kRateOutOfRange;
      continue;
    }
    const Drive drive = drive_of(synapses[i], neuron.tau_m);
    if (drive.mean == 0 || !std::isfinite(drive.mean)) continue;
    const double wanted = std::log(std::fma(-rates[i], neuron.t_ref, 1.0)) - std::log(rates[i]);
    const Root root = external_rate(
        {given.mean[i], given.variance[i], drive, neuron, field.lif(i).correction, wanted});
    result.value[i] = root.value;
    result.attained[i] = root.attained;
  }
  return result;
}

bool WorkingPointInput::non_negative() const {
  return (excitatory.array() >= 0).all() && (inhibitory.array() >= 0).all();
}

WorkingPointInput external_rates_for_working_points(
    const MeanField& field, const Eigen::VectorXd& mean, const Eigen::VectorXd& sigma,
    const std::vector<ExternalSynapses>& excitatory,
    const std::vector<ExternalSynapses>& inhibitory) {
  require_one_tau_syn(field, "external rates for working points are known");
  const Eigen::Index n = field.size();
  require_size(mean.size() == n && sigma.size() == n, "working points");
  require_size(static_cast<Eigen::Index>(excitatory.size()) == n, "excitatory synapses");
  require_size(static_cast<Eigen::Index>(inhibitory.size()) == n, "inhibitory synapses");
  WorkingPointInput result{Eigen::VectorXd(n), Eigen::VectorXd(n), Eigen::VectorXd(n)};
  for (Eigen::Index i = 0; i < n; ++i) result.rates[i] = field.lif(i)(mean[i], sigma[i]).rate;
  const Given given = all_given(field, result.rates);
  for (Eigen::Index i = 0; i < n; ++i) {
    const Drive e = drive_of(excitatory[i], field.lif(i).neuron.tau_m);
    const Drive h = drive_of(inhibitory[i], field.lif(i).neuron.tau_m);
    const double missing_mean = mean[i] - given.mean[i];
    const double missing_variance = sigma[i] * sigma[i] - given.variance[i];
    const double determinant = e.mean * h.variance - h.mean * e.variance;
    if (std::abs(determinant) <= 8 * kEpsilon * std::abs(e.mean * h.variance))
      throw std::invalid_argument(
          "the two kinds of synapses move mean and variance alike: they cannot set both");
    result.excitatory[i] = (missing_mean * h.variance - h.mean * missing_variance) / determinant;
    result.inhibitory[i] = (e.mean * missing_variance - missing_mean * e.variance) / determinant;
  }
  return result;
}

}  // namespace nuphi
