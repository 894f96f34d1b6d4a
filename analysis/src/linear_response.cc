#include <nuphi/analysis/linear_response.h>

#include <fmt/format.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace nuphi {
namespace {

using Complex = std::complex<double>;

/// c = (α/2)√(τ_s/τ_m) of the corrections whose effective filter averages it.
double shift_of_boundaries(double tau_syn, double tau_m, Correction correction) {
  constexpr double kHalfAlpha = 1.0326265761156086;  // |ζ(1/2)|/√2
  if (correction != Correction::kShift && correction != Correction::kTaylor) return 0;
  return kHalfAlpha * std::sqrt(tau_syn / tau_m);
}

/// (c_k − c)/σ [1/V]: by how much more than the whole a part of the variance with τ_k moves the
/// boundaries.
double own_shift(const LifParameters& neuron, Correction correction, double mu, double sigma,
                 double tau_syn) {
  if (tau_syn == neuron.tau_syn) return 0;
  if (correction != Correction::kUniform) {
    return (shift_of_boundaries(tau_syn, neuron.tau_m, correction) -
            shift_of_boundaries(neuron.tau_syn, neuron.tau_m, correction)) /
           sigma;
  }
  // −(∂ν/∂g)(g_k − g)/(σ² ∂ν/∂μ), as drate_dvariance() has it.
  const SiegertRate rate = siegert(mu, sigma, neuron, correction);
  const FilterWeightGain gain = filter_weight_gain(mu, sigma, rate, neuron, correction);
  const double change =
      filter_weight(tau_syn, correction) - filter_weight(neuron.tau_syn, correction);
  return -gain.dlog_rate * change / (sigma * sigma * rate.dlog_rate_dmu);
}

Diagnostic unknown_response_fault(const std::string& why) {
  Diagnostic d;
  d.code = "unknown-response";
  d.message = why;
  if (why.find("transfer function") != std::string::npos) return d;
  d.path = "solve.correction";
  d.hint =
      "use `solve: {correction: uniform}`; for spectra and covariances also `solve: {correction: "
      "exact, response: {colour: exact}}`";
  return d;
}

constexpr const char* kNoModes =
    "modes need a response off the imaginary axis, which is not known where its colour is exact";

Diagnostic no_modes_fault() {
  Diagnostic d;
  d.code = "unknown-response";
  d.path = "solve.response.colour";
  d.message = kNoModes;
  d.hint = "use `solve: {correction: uniform, response: {colour: moving}}`";
  return d;
}

Diagnostic missing_delay(const Network& network, const Projection& projection, std::size_t index) {
  Diagnostic d;
  d.code = "missing-delay";
  d.path = "projections[" + std::to_string(index) + "]";
  d.message = "the projection " + network.populations[projection.source].name + " → " +
              network.populations[projection.target].name + " has no delay; dynamics needs one";
  d.hint = "give the connection a delay, for example `delay: 1.5 ms`";
  return d;
}

/// What the caller leaves open the network decides, and what it leaves open is moving and exact.
ResponseOptions decided(ResponseOptions options, const ResponseChoice& network) {
  const auto decide = [](auto& choice, const auto& other, auto otherwise) {
    if (!choice) choice = other.value_or(otherwise);
  };
  decide(options.colour, network.colour, ColourResponse::kMoving);
  decide(options.refractoriness, network.refractoriness, Refractoriness::kExact);
  decide(options.variance_response, network.variance, true);
  return options;
}

/// Whether τ_syn of LIF neurons, if all are, enters their response.
bool is_coloured(const MeanField& field) {
  return correction_of(field) != Correction::kNone &&
         std::any_of(field.nodes.begin(), field.nodes.end(),
                     [](const NodeFunction& node) { return as_lif(node)->neuron.tau_syn > 0; });
}

/// Why exact_response() does not answer for the neurons of this field.
std::string no_exact_response(const MeanField& field, const ResponseOptions& options) {
  const Correction correction = correction_of(field);
  if (correction != Correction::kExact && correction != Correction::kUniform)
    return "the exact response goes with the corrections exact and uniform only";
  if (has_several_tau_syn(field))
    return "the exact response is not known where synapses of one neuron differ in tau_syn";
  if (options.refractoriness == Refractoriness::kRateOnly)
    return "the exact response knows no refractory time that acts in the rate alone";
  return {};
}

// Slow synapses make the response depend on the past of their current; the first-order correction
// would need the response of white noise where the synapses of a neuron differ.
std::string no_response(const MeanField& field, const ResponseOptions& options) {
  for (const NodeFunction& node : field.nodes) {
    if (as_lif(node) != nullptr) continue;
    return "the transfer function " + std::string(name_of(node)) + " has no dynamic response";
  }
  if (!is_coloured(field)) return {};
  const Correction correction = correction_of(field);
  if (options.colour == ColourResponse::kExact) return no_exact_response(field, options);
  if (correction == Correction::kAdiabatic || correction == Correction::kExact) {
    return fmt::format("the dynamic response is not known with the correction {}{}",
                       correction == Correction::kExact ? "exact" : "adiabatic",
                       correction == Correction::kExact ? " unless its colour is exact, too" : "");
  }
  if (correction == Correction::kTaylor && has_several_tau_syn(field)) {
    return "the dynamic response is not known with the correction taylor where synapses of one "
           "neuron differ in tau_syn";
  }
  return {};
}

}  // namespace

std::string unknown_response(const Network& network, const ResponseOptions& options) {
  return no_response(mean_field(network), decided(options, network.response));
}

std::string unknown_modes(const Network& network, const ResponseOptions& options) {
  const MeanField field = mean_field(network);
  const ResponseOptions all = decided(options, network.response);
  if (std::string why = no_response(field, all); !why.empty()) return why;
  return is_coloured(field) && all.colour == ColourResponse::kExact ? kNoModes : "";
}

NetworkResponse::NetworkResponse(const Network& network, const StationaryState& state,
                                 const ResponseOptions& options)
    : options_(decided(options, network.response)) {
  const MeanField field = mean_field(network);
  if (state.mean_input.size() != field.size()) {
    throw std::invalid_argument("NetworkResponse: the state is not one of this network");
  }
  if (const std::string why = no_response(field, options_); !why.empty())
    throw ModelError({unknown_response_fault(why)});
  const std::vector<LifParameters> neurons = effective_neurons(field, state.rates);
  const Correction correction = correction_of(field);
  const std::vector<ColourResponse> colours = colours_of(network);
  const bool exact = options_.colour == ColourResponse::kExact;
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    const LifParameters& neuron = neurons[static_cast<std::size_t>(i)];
    responses_.emplace_back(state.mean_input[i], state.std_input[i], neuron,
                            exact ? Correction::kUniform : correction, refractoriness(),
                            colours[static_cast<std::size_t>(i)]);
    names_.push_back(network.populations[static_cast<std::size_t>(i)].name);
    tau_m_.push_back(neuron.tau_m);
    sigma_.push_back(state.std_input[i]);
  }
  if (exact) add_exact(field, state, neurons);
  std::vector<Diagnostic> faults;
  for (std::size_t k = 0; k < network.projections.size(); ++k) {
    const Projection& p = network.projections[k];
    if (p.indegree == 0 || p.weight == 0) continue;
    if (!p.delay && options.delays_required) faults.push_back(missing_delay(network, p, k));
    const LifParameters& target = neurons[static_cast<std::size_t>(p.target)];
    add_term(network, p, target,
             own_shift(target, correction, state.mean_input[p.target], state.std_input[p.target],
                       synaptic_time(network, p)));
  }
  if (!faults.empty()) throw ModelError(std::move(faults));
}

void NetworkResponse::add_exact(const MeanField& field, const StationaryState& state,
                                const std::vector<LifParameters>& neurons) {
  const Correction correction = correction_of(field);
  std::vector<ExactNeuron> exact(neurons.size());
  bool any = false;
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    const LifParameters& neuron = neurons[index];
    const double mu = state.mean_input[i], sigma = state.std_input[i];
    if (correction == Correction::kNone || !(neuron.tau_syn > 0) || !(sigma > 0)) continue;
    ExactNeuron& n = exact[index];
    n.curve.emplace(mu, sigma, neuron);
    const ExactResponse start = n.curve->at_frequency(0);
    const double d_mu = start.d_mu.real();
    if (!std::isfinite(d_mu)) {
      throw ModelError({unknown_response_fault("the exact response of `" + names_[index] +
                                               "` is not known at its working point")});
    }
    any = true;
    if (!(d_mu > 0)) continue;
    const SiegertRate rate = siegert(mu, sigma, neuron, correction);
    n.factor = rate.drate_dmu / d_mu;
    n.shift = (rate.drate_dsigma / (2 * sigma) - start.d_variance.real()) / rate.drate_dmu;
  }
  if (any) exact_ = std::move(exact);
}

std::vector<ColourResponse> NetworkResponse::colours_of(const Network& network) const {
  const ColourResponse colour =
      options_.colour == ColourResponse::kExact ? ColourResponse::kMoving : *options_.colour;
  std::vector<ColourResponse> colours(network.populations.size(), colour);
  for (const Projection& p : network.projections) {
    const bool jumps = p.indegree != 0 && p.weight != 0 &&
                       !(options_.synaptic_filter && synaptic_time(network, p) > 0);
    if (jumps) colours[static_cast<std::size_t>(p.target)] = ColourResponse::kQuasiStatic;
  }
  return colours;
}

void NetworkResponse::add_term(const Network& network, const Projection& p,
                               const LifParameters& effective, double shift) {
  const Neuron& target = network.populations[p.target].neuron;
  const Kernel kernel = {p.delay.value_or(Delay{}), synaptic_time(network, p)};
  auto known = std::find(kernels_.begin(), kernels_.end(), kernel);
  if (known == kernels_.end()) known = kernels_.insert(known, kernel);
  const double coupling = target.tau_m * p.indegree * p.weight;
  const bool moves = responses_[static_cast<std::size_t>(p.target)].moving_shift() != 0;
  terms_.push_back(
      {p.target, p.source, coupling, coupling * p.weight * (1 + p.weight_cv * p.weight_cv), shift,
       moves ? effective.tau_m : 0, static_cast<std::size_t>(known - kernels_.begin())});
}

LinearResponse NetworkResponse::neuron_response(Eigen::Index i, Complex z) const {
  const auto index = static_cast<std::size_t>(i);
  if (exact_.empty() || !exact_[index].curve) return responses_[index].at(z);
  if (z.real() != 0)
    throw std::invalid_argument("the exact response is known on the imaginary axis alone");
  const ExactNeuron& n = exact_[index];
  const ExactResponse at = n.curve->at_frequency(std::abs(z.imag()));
  LinearResponse r{};
  r.d_mu = n.factor * at.d_mu;
  r.d_variance = at.d_variance + n.shift * r.d_mu;
  if (z.imag() >= 0) return r;
  r.d_mu = std::conj(r.d_mu);
  r.d_variance = std::conj(r.d_variance);
  return r;
}

void NetworkResponse::neuron_response(Complex z, Eigen::VectorXcd& mu,
                                      Eigen::VectorXcd& variance) const {
  mu.resize(size());
  variance.resize(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const LinearResponse r = neuron_response(i, z);
    mu[i] = r.d_mu;
    variance[i] = r.d_variance;
  }
}

void NetworkResponse::neuron_responses(const Eigen::VectorXd& omega, Eigen::MatrixXcd& mu,
                                       Eigen::MatrixXcd& variance) const {
  mu.resize(size(), omega.size());
  variance.resize(size(), omega.size());
  std::vector<LinearResponse> row(static_cast<std::size_t>(omega.size()));
  for (Eigen::Index i = 0; i < size(); ++i) {
    if (exact_.empty()) {
      responses_[static_cast<std::size_t>(i)].at_frequencies(
          {omega.data(), static_cast<std::size_t>(omega.size())}, row);
    } else {
      for (std::size_t k = 0; k < row.size(); ++k)
        row[k] = neuron_response(i, {0, omega[static_cast<Eigen::Index>(k)]});
    }
    for (Eigen::Index k = 0; k < omega.size(); ++k) {
      mu(i, k) = row[static_cast<std::size_t>(k)].d_mu;
      variance(i, k) = row[static_cast<std::size_t>(k)].d_variance;
    }
  }
}

void NetworkResponse::effective_connectivity(Complex z, Eigen::MatrixXcd& matrix,
                                             double delay_scale) const {
  Eigen::VectorXcd mu;
  Eigen::VectorXcd variance;
  neuron_response(z, mu, variance);
  effective_connectivity(z, mu, variance, matrix, delay_scale);
}

void NetworkResponse::effective_connectivity(Complex z,
                                             const Eigen::Ref<const Eigen::VectorXcd>& mu,
                                             const Eigen::Ref<const Eigen::VectorXcd>& variance,
                                             Eigen::MatrixXcd& matrix, double delay_scale) const {
  std::vector<std::pair<Complex, Complex>>
      filters;  // of the mean and of the variance, delay included
  filters.reserve(kernels_.size());
  for (const Kernel& kernel : kernels_) {
    const Complex delay = delay_transform(kernel.delay, kernel.scaled ? z * delay_scale : z).value;
    const double tau_syn = options_.synaptic_filter ? kernel.tau_syn : 0;
    filters.emplace_back(delay / (1.0 + z * tau_syn),
                         has_variance_response() ? delay / (1.0 + 0.5 * z * tau_syn) : 0);
  }
  matrix.setZero(size(), size());
  for (const Term& t : terms_) {
    matrix(t.target, t.source) +=
        t.mean * mu[t.target] * filters[t.kernel].first +
        t.variance * (variance[t.target] - t.shift * (1.0 + z * t.moving_time) * mu[t.target]) *
            filters[t.kernel].second;
  }
}

void NetworkResponse::require_off_axis() const {
  if (!is_known_off_axis()) throw ModelError({no_modes_fault()});
}

bool NetworkResponse::scale_delays_of(Eigen::Index target, Eigen::Index source) {
  const auto chosen = [&](const Term& t) { return t.target == target && t.source == source; };
  if (std::none_of(terms_.begin(), terms_.end(), chosen)) return false;
  for (Kernel& kernel : kernels_) kernel.scaled = false;
  const std::size_t fixed = kernels_.size();
  for (Term& t : terms_) {
    if (!chosen(t) || t.kernel >= fixed) continue;
    Kernel kernel = kernels_[t.kernel];
    kernel.scaled = true;
    const auto known =
        std::find(kernels_.begin() + static_cast<std::ptrdiff_t>(fixed), kernels_.end(), kernel);
    t.kernel = static_cast<std::size_t>(known - kernels_.begin());
    if (known == kernels_.end()) kernels_.push_back(kernel);
  }
  return true;
}

Eigen::VectorXd NetworkResponse::spike_train_spectrum(double omega) const {
  Eigen::VectorXd spectrum(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    const bool exact = !exact_.empty() && exact_[index].curve;
    spectrum[i] = exact ? exact_[index].curve->at_frequency(std::abs(omega)).spectrum
                        : responses_[index].spectrum(omega);
  }
  return spectrum;
}

bool NetworkResponse::is_causal() const {
  return std::all_of(kernels_.begin(), kernels_.end(),
                     [](const Kernel& k) { return nuphi::is_causal(k.delay); });
}

double NetworkResponse::common_delay() const {
  if (kernels_.empty()) return std::numeric_limits<double>::quiet_NaN();
  const Delay& first = kernels_.front().delay;
  const bool common = std::all_of(kernels_.begin(), kernels_.end(), [&](const Kernel& k) {
    return k.scaled && k.delay.distribution == DelayDistribution::kConstant &&
           k.delay.mean == first.mean;
  });
  return common ? first.mean : std::numeric_limits<double>::quiet_NaN();
}

double NetworkResponse::longest_delay(double delay_scale) const {
  double longest = 0;
  for (const Kernel& k : kernels_)
    longest = std::max(longest, std::max(k.delay.mean, k.delay.max) * (k.scaled ? delay_scale : 1));
  return longest;
}

}  // namespace nuphi
