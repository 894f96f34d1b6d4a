#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/exact_response.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>

#include "convert.h"

namespace nuphi::python {
namespace {

enum Field {
  kRate,
  kLogRate,
  kDMu,
  kDSigma,
  kDLogMu,
  kDLogSigma,
  kD2Mu,
  kD2MuSigma,
  kD2Sigma,
  kCv,
  kFields
};
constexpr std::array<const char*, kFields> kNames = {"rate",           "log_rate",
                                                     "drate_dmu",      "drate_dsigma",
                                                     "dlog_rate_dmu",  "dlog_rate_dsigma",
                                                     "d2rate_dmu2",    "d2rate_dmudsigma",
                                                     "d2rate_dsigma2", "cv"};

/// One argument of a call: a number, or an array of the common shape.
struct Argument {
  double value = 0;
  py::array_t<double> array;  ///< of the common shape; empty for a number
  bool is_array = false;

  void read(double* to, py::ssize_t from, py::ssize_t count) const {
    if (is_array) {
      std::copy_n(array.data() + from, count, to);
    } else {
      std::fill_n(to, count, value);
    }
  }
  [[nodiscard]] double at(py::ssize_t k) const { return is_array ? array.data()[k] : value; }
};

/// The arguments of siegert() and response(), brought to one shape.
struct Arguments {
  enum { kMu, kSigma, kTauM, kTRef, kVTh, kVReset, kTauSyn, kCount };
  std::array<Argument, kCount> list;
  std::vector<py::ssize_t> shape;  ///< empty: numbers only
  py::ssize_t size = 1;

  explicit Arguments(const std::array<py::object, kCount>& objects) {
    static constexpr std::array<const char*, kCount> dimensions = {"V", "V", "s", "s",
                                                                   "V", "V", "s"};
    std::vector<std::size_t> arrays;
    for (std::size_t i = 0; i < kCount; ++i) {
      if (PyFloat_Check(objects[i].ptr())) {  // numpy.float64 too
        list[i].value = PyFloat_AS_DOUBLE(objects[i].ptr());
        continue;
      }
      const py::array_t<double> array = numbers(objects[i], dimensions[i]);
      if (array.ndim() == 0) {
        list[i].value = *array.data();
      } else {
        list[i].array = array;
        list[i].is_array = true;
        arrays.push_back(i);
      }
    }
    if (!arrays.empty()) broadcast(arrays);
  }

  [[nodiscard]] LifParameters neuron(py::ssize_t k) const {
    return {.tau_m = list[kTauM].at(k),
            .t_ref = list[kTRef].at(k),
            .V_th = list[kVTh].at(k),
            .V_reset = list[kVReset].at(k),
            .tau_syn = list[kTauSyn].at(k)};
  }
  [[nodiscard]] bool one_neuron() const {
    return std::none_of(list.begin() + kTauM, list.end(),
                        [](const Argument& a) { return a.is_array; });
  }

 private:
  void broadcast(const std::vector<std::size_t>& arrays) {
    if (arrays.size() > 1) {
      py::list inputs;
      for (const std::size_t i : arrays) inputs.append(list[i].array);
      const py::list outputs =
          py::module_::import("numpy").attr("broadcast_arrays")(*py::tuple(inputs));
      for (std::size_t k = 0; k < arrays.size(); ++k)
        list[arrays[k]].array =
            py::array_t<double, py::array::c_style | py::array::forcecast>(outputs[k]);
    }
    const py::array_t<double>& first = list[arrays.front()].array;
    shape.assign(first.shape(), first.shape() + first.ndim());
    size = first.size();
  }
};

py::object tuple_type(unsigned wanted) {
  static auto* const types = new std::array<py::object, 1U << kFields>();
  py::object& type = (*types)[wanted];
  if (!type) {
    py::list names;
    for (unsigned f = 0; f < kFields; ++f)
      if ((wanted >> f & 1U) != 0) names.append(kNames[f]);
    type = py::module_::import("nuphi.fields").attr("named_tuple")("SiegertResult", names);
  }
  return type;
}

py::object pack(unsigned wanted, const std::array<py::object, kFields>& values) {
  const int count = __builtin_popcount(wanted);
  py::tuple fields(count);
  int at = 0;
  for (unsigned f = 0; f < kFields; ++f)
    if ((wanted >> f & 1U) != 0) fields[at++] = values[f];
  return tuple_type(wanted)(*fields);
}

py::object siegert_of_one(const Arguments& a, unsigned wanted, Correction correction) {
  const double mu = a.list[Arguments::kMu].value;
  const double sigma = a.list[Arguments::kSigma].value;
  const LifParameters neuron = a.neuron(0);
  const bool second = (wanted >> kD2Mu & 1U) != 0;
  const SiegertSecond s = second ? siegert_second(mu, sigma, neuron, correction)
                                 : SiegertSecond{.first = siegert(mu, sigma, neuron, correction)};
  const std::array<double, kFields> values = {
      s.first.rate,          s.first.log_rate,
      s.first.drate_dmu,     s.first.drate_dsigma,
      s.first.dlog_rate_dmu, s.first.dlog_rate_dsigma,
      s.d2rate_dmu2,         s.d2rate_dmudsigma,
      s.d2rate_dsigma2,      (wanted >> kCv & 1U) != 0 ? isi_cv(mu, sigma, neuron, correction) : 0};
  std::array<py::object, kFields> objects;
  for (unsigned f = 0; f < kFields; ++f)
    if ((wanted >> f & 1U) != 0) objects[f] = py::float_(values[f]);
  return pack(wanted, objects);
}

/// In blocks, so that a number among the arguments never becomes an array of full length.
void siegert_of_many(const Arguments& a, const std::array<double*, kFields>& out,
                     const SiegertBatchOptions& options) {
  constexpr py::ssize_t kBlock = 1 << 17;
  const auto length = static_cast<std::size_t>(std::min(kBlock, a.size));
  const Argument& mu = a.list[Arguments::kMu];
  const Argument& sigma = a.list[Arguments::kSigma];
  std::vector<double> mus(mu.is_array ? 0 : length), sigmas(sigma.is_array ? 0 : length);
  mu.is_array ? void() : mu.read(mus.data(), 0, static_cast<py::ssize_t>(length));
  sigma.is_array ? void() : sigma.read(sigmas.data(), 0, static_cast<py::ssize_t>(length));
  std::vector<LifParameters> neurons(a.one_neuron() ? 0 : length);
  for (py::ssize_t from = 0; from < a.size; from += kBlock) {
    const auto count = static_cast<std::size_t>(std::min(kBlock, a.size - from));
    const auto span = [&](Field f) {
      return out[f] == nullptr ? std::span<double>() : std::span(out[f] + from, count);
    };
    const std::span<const double> m(mu.is_array ? mu.array.data() + from : mus.data(), count);
    const std::span<const double> s(sigma.is_array ? sigma.array.data() + from : sigmas.data(),
                                    count);
    const SiegertBatchOutput output = {.rate = span(kRate),
                                       .log_rate = span(kLogRate),
                                       .drate_dmu = span(kDMu),
                                       .drate_dsigma = span(kDSigma),
                                       .dlog_rate_dmu = span(kDLogMu),
                                       .dlog_rate_dsigma = span(kDLogSigma),
                                       .d2rate_dmu2 = span(kD2Mu),
                                       .d2rate_dmudsigma = span(kD2MuSigma),
                                       .d2rate_dsigma2 = span(kD2Sigma),
                                       .cv = span(kCv)};
    if (neurons.empty()) {
      siegert_batch(m, s, a.neuron(0), output, options);
      continue;
    }
    for (std::size_t k = 0; k < count; ++k)
      neurons[k] = a.neuron(from + static_cast<py::ssize_t>(k));
    siegert_batch(m, s, std::span<const LifParameters>(neurons.data(), count), output, options);
  }
}

py::object siegert_call(const py::object& mu, const py::object& sigma, const py::object& tau_m,
                        const py::object& t_ref, const py::object& V_th, const py::object& V_reset,
                        const py::object& tau_syn, Correction correction, bool gradient,
                        bool second, bool log, bool cv) {
  unsigned wanted = 1U << kRate;
  if (log) wanted |= 1U << kLogRate;
  if (gradient || second) wanted |= 1U << kDMu | 1U << kDSigma;
  if (log && (gradient || second)) wanted |= 1U << kDLogMu | 1U << kDLogSigma;
  if (second) wanted |= 1U << kD2Mu | 1U << kD2MuSigma | 1U << kD2Sigma;
  if (cv) wanted |= 1U << kCv;
  const Arguments a({mu, sigma, tau_m, t_ref, V_th, V_reset, tau_syn});
  if (a.shape.empty()) return siegert_of_one(a, wanted, correction);
  std::array<py::object, kFields> objects;
  std::array<double*, kFields> out{};
  for (unsigned f = 0; f < kFields; ++f) {
    if ((wanted >> f & 1U) == 0) continue;
    py::array_t<double> array(a.shape);
    out[f] = array.mutable_data();
    objects[f] = std::move(array);
  }
  constexpr py::ssize_t kWorthReleasing = 512;
  if (a.size < kWorthReleasing && correction != Correction::kExact) {
    siegert_of_many(a, out, {.correction = correction, .threads = 1});
  } else {
    const py::gil_scoped_release release;
    siegert_of_many(a, out, {.correction = correction});
  }
  return pack(wanted, objects);
}

py::object inverse_call(const py::object& rate, const py::object& sigma, const py::object& tau_m,
                        const py::object& t_ref, const py::object& V_th, const py::object& V_reset,
                        const py::object& tau_syn, Correction correction) {
  const py::array_t<double> rates = numbers(rate, "Hz");
  const Arguments a({py::object(rates), sigma, tau_m, t_ref, V_th, V_reset, tau_syn});
  py::array_t<double> result(a.shape);
  double* out = result.mutable_data();
  {
    const py::gil_scoped_release release;
    for (py::ssize_t k = 0; k < a.size; ++k)
      out[k] = siegert_inverse_mu(a.list[Arguments::kMu].at(k), a.list[Arguments::kSigma].at(k),
                                  a.neuron(k), correction);
  }
  if (a.shape.empty()) return py::float_(*out);
  return result;
}

/// exact_response() at z = iω, which is NaN elsewhere.
ExactResponse exact_at(double mu, double sigma, const LifParameters& neuron,
                       std::complex<double> z) {
  const double omega = z.real() == 0 ? std::abs(z.imag()) : -1;
  ExactResponse r = exact_response(mu, sigma, neuron, std::span(&omega, 1))[0];
  if (z.imag() >= 0) return r;
  for (std::complex<double>* part : {&r.d_mu, &r.d_variance, &r.isi_transform})
    *part = std::conj(*part);
  return r;
}

py::tuple response_call(
    double mu, double sigma, const LifParameters& neuron,
    const py::array_t<std::complex<double>, py::array::c_style | py::array::forcecast>& z,
    Correction correction, Refractoriness refractoriness, ColourResponse colour) {
  const DynamicResponse response(mu, sigma, neuron, correction, refractoriness, colour);
  const bool exact = correction == Correction::kExact && neuron.tau_syn > 0;
  const std::vector<py::ssize_t> shape(z.shape(), z.shape() + z.ndim());
  py::array_t<std::complex<double>> d_mu(shape), d_variance(shape), isi(shape);
  py::array_t<double> spectrum(shape);
  std::complex<double>* const m = d_mu.mutable_data();
  std::complex<double>* const v = d_variance.mutable_data();
  std::complex<double>* const t = isi.mutable_data();
  double* const s = spectrum.mutable_data();
  const std::complex<double>* const at = z.data();
  {
    const py::gil_scoped_release release;
    for (py::ssize_t k = 0; k < z.size(); ++k) {
      if (exact) {
        const ExactResponse r = exact_at(mu, sigma, neuron, at[k]);
        m[k] = r.d_mu;
        v[k] = r.d_variance;
        t[k] = r.isi_transform;
        s[k] = r.spectrum;
        continue;
      }
      const LinearResponse r = response.at(at[k]);
      m[k] = r.d_mu;
      v[k] = r.d_variance;
      t[k] = r.isi_transform;
      s[k] = response.spectrum(at[k].imag());
    }
  }
  return py::make_tuple(d_mu, d_variance, isi, spectrum);
}

}  // namespace

void bind_core(py::module_& m) {
  using py::arg;
  py::enum_<Correction>(m, "Correction")
      .value("none", Correction::kNone)
      .value("shift", Correction::kShift)
      .value("taylor", Correction::kTaylor)
      .value("shift_refractory", Correction::kShiftRefractory)
      .value("adiabatic", Correction::kAdiabatic)
      .value("uniform", Correction::kUniform)
      .value("exact", Correction::kExact);
  py::enum_<Refractoriness>(m, "Refractoriness")
      .value("exact", Refractoriness::kExact)
      .value("rate_only", Refractoriness::kRateOnly);
  py::enum_<ColourResponse>(m, "ColourResponse")
      .value("moving", ColourResponse::kMoving)
      .value("quasi_static", ColourResponse::kQuasiStatic)
      .value("exact", ColourResponse::kExact);
  m.def("siegert", &siegert_call);
  m.def("siegert_inverse", &inverse_call);
  m.def(
      "response",
      [](double mu, double sigma, double tau_m, double t_ref, double V_th, double V_reset,
         double tau_syn,
         const py::array_t<std::complex<double>, py::array::c_style | py::array::forcecast>& z,
         Correction correction, Refractoriness refractoriness, ColourResponse colour) {
        return response_call(
            mu, sigma,
            {.tau_m = tau_m, .t_ref = t_ref, .V_th = V_th, .V_reset = V_reset, .tau_syn = tau_syn},
            z, correction, refractoriness, colour);
      });
}

}  // namespace nuphi::python
