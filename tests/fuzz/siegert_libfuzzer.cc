// libFuzzer over the bits of one neuron and its input (preset `fuzz`): traps on a broken promise.
//   ./dev fuzz 60
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "fuzz/siegert_claims.h"

namespace {

using namespace nuphi;

void require(const test::RawPoint& p, Correction correction, const test::Outcome& outcome,
             const char* who) {
  const std::string fault = test::violation(p, correction, outcome);
  if (fault.empty()) return;
  std::fprintf(stderr, "%s: %s at %s, correction %d\n", who, fault.c_str(),
               test::describe(p).c_str(), static_cast<int>(correction));
  std::abort();
}

void try_batch(const test::RawPoint& p, Correction correction) {
  for (const InstructionSet set : available_instruction_sets()) {
    std::array<double, 7> f{};
    const auto out = [&](std::size_t k) { return std::span(&f[k], 1); };
    siegert_batch(std::span(&p.mu, 1), std::span(&p.sigma, 1), p.neuron,
                  {.rate = out(0),
                   .log_rate = out(1),
                   .drate_dmu = out(2),
                   .drate_dsigma = out(3),
                   .dlog_rate_dmu = out(4),
                   .dlog_rate_dsigma = out(5),
                   .cv = out(6)},
                  {.correction = correction, .threads = 1, .instruction_set = set});
    require(p, correction, {{f[0], f[1], f[2], f[3], f[4], f[5]}, f[6]}, "siegert_batch");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::array<double, 7> x{};
  if (size < sizeof x + 1) return 0;
  std::memcpy(x.data(), data, sizeof x);
  const test::RawPoint p{
      x[0], x[1], {.tau_m = x[2], .t_ref = x[3], .V_th = x[4], .V_reset = x[5], .tau_syn = x[6]}};
  constexpr Correction kCorrections[] = {Correction::kNone, Correction::kShift,
                                         Correction::kShiftRefractory, Correction::kAdiabatic};
  const Correction correction = kCorrections[data[sizeof x] % 4];
  require(
      p, correction,
      {siegert(p.mu, p.sigma, p.neuron, correction), isi_cv(p.mu, p.sigma, p.neuron, correction)},
      "siegert");
  try_batch(p, correction);
  return 0;
}
