#include <nuphi/solver/summary.h>

#include <fmt/format.h>

#include <iterator>

namespace nuphi {

std::string_view to_string(Termination termination) {
  switch (termination) {
    case Termination::kConverged:
      return "converged";
    case Termination::kMaxIterations:
      return "max_iterations";
    case Termination::kStalled:
      return "stalled";
    case Termination::kSingular:
      return "singular";
    case Termination::kNonFinite:
      return "non_finite";
    case Termination::kInterrupted:
      return "interrupted";
  }
  return "unknown";
}

std::string Summary::brief_report() const {
  return fmt::format(
      "{}: residual {:.2e} after {} iterations ({}, requested {}), {} evaluations, "
      "{} {}, {:.3g} ms",
      to_string(termination), residual, iterations.size(), to_string(method_used),
      to_string(method_requested), evaluations,
      krylov_iterations > 0 ? krylov_iterations : factorizations,
      krylov_iterations > 0 ? "Krylov iterations" : "factorizations", 1e3 * seconds);
}

std::string Summary::full_report() const {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "Stationary state\n");
  fmt::format_to(out, "  termination      {}\n", to_string(termination));
  fmt::format_to(out, "  message          {}\n", message);
  fmt::format_to(out, "  method requested {}\n", to_string(method_requested));
  fmt::format_to(out, "  method used      {}\n", to_string(method_used));
  fmt::format_to(out, "  residual         {:.3e}\n", residual);
  fmt::format_to(out, "  iterations       {}\n", iterations.size());
  fmt::format_to(out, "  evaluations      {}\n", evaluations);
  if (krylov_iterations > 0) {
    fmt::format_to(out, "  linear systems   {}, {} iterations of GMRES\n", factorizations,
                   krylov_iterations);
  } else {
    fmt::format_to(out, "  factorizations   {}\n", factorizations);
  }
  fmt::format_to(out, "  time             {:.3g} ms\n", 1e3 * seconds);
  fmt::format_to(out, "\n  {:>4}  {:<10}  {:>10}  {:>10}  {:>10}\n", "", "method", "residual",
                 "step", "damping");
  for (std::size_t k = 0; k < iterations.size(); ++k) {
    const Iteration& i = iterations[k];
    fmt::format_to(out, "  {:>4}  {:<10}  {:>10.3e}  {:>10.3e}  {:>10.3g}\n", k + 1,
                   to_string(i.method), i.residual, i.step, i.damping);
  }
  return text;
}

}  // namespace nuphi
