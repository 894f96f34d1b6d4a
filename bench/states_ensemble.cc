// How many of all stationary states the default search finds: random networks of 2–6 populations
// with several states (tests/solver/several_states.h), or the random ensemble (random_networks.h),
// against a search of another kind that is thousands of times dearer: Newton's method, written out
// here, from many random starts, near the states found and between them. Prints Markdown.
//   states_ensemble [--count 1000] [--first 0] [--seed 0] [--starts 20000] [--ensemble] [--verbose]
#include <nuphi/core/siegert.h>
#include <nuphi/rates/stationary.h>

#include <fmt/format.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <Eigen/LU>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "rates/several_states.h"

namespace {

using nuphi::MeanField;
using nuphi::test::Dice;

double processor_time() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Newton's method on ν − Φ(ν) of a dense network, from many random starts.
class BruteForce {
 public:
  BruteForce(const MeanField& field, std::uint64_t seed)
      : field_(field),
        A_(field.coupling.dense(MeanField::kMean)),
        B_(field.coupling.dense(MeanField::kVariance)),
        n_(field.size()),
        upper_(n_),
        dice_(seed) {
    for (Eigen::Index i = 0; i < n_; ++i) {
      neurons_.push_back(field.lif(i).neuron);
      upper_[i] = 1 / neurons_.back().t_ref;
    }
  }

  std::vector<Eigen::VectorXd> run(int starts) {
    for (int k = 0; k < starts; ++k) {
      Eigen::VectorXd x = start(k % 4);
      if (newton(x)) keep(x);
    }
    return found_;
  }

  static bool same(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
    return ((a - b).array().abs() <= 1e-6 * (0.1 + a.array().max(b.array()))).all();
  }

 private:
  void evaluate(const Eigen::VectorXd& x) {
    mu_ = A_ * x + field_.external_mean();
    sigma_ = (B_ * x + field_.external_variance()).cwiseMax(0).cwiseSqrt();
    rate_.resize(n_);
    d_mu_.resize(n_);
    d_sigma_.resize(n_);
    const auto n = static_cast<std::size_t>(n_);
    nuphi::siegert_batch({mu_.data(), n}, {sigma_.data(), n}, neurons_,
                         {.rate = {rate_.data(), n},
                          .drate_dmu = {d_mu_.data(), n},
                          .drate_dsigma = {d_sigma_.data(), n}},
                         {.correction = field_.lif(0).correction});
  }

  bool newton(Eigen::VectorXd& x) {
    evaluate(x);
    for (int k = 0; k < 60; ++k) {
      const Eigen::VectorXd defect = rate_ - x;
      const double size = (defect.array().abs() / x.array().max(1.0)).maxCoeff();
      if (!(size < 1e300)) return false;
      if (size < 1e-11) return true;
      Eigen::MatrixXd jacobian = d_mu_.asDiagonal() * A_;
      jacobian += (d_sigma_.array() / (2 * sigma_.array()).max(1e-300)).matrix().asDiagonal() * B_;
      const Eigen::VectorXd step =
          (Eigen::MatrixXd::Identity(n_, n_) - jacobian).partialPivLu().solve(defect);
      if (!step.allFinite()) return false;
      double damping = 1;
      Eigen::VectorXd trial;
      for (; damping > 1e-3; damping *= 0.5) {
        trial = (x + damping * step).cwiseMax(0).cwiseMin(upper_);
        evaluate(trial);
        const double now = ((rate_ - trial).array().abs() / trial.array().max(1.0)).maxCoeff();
        if (now < size) break;
      }
      if (damping <= 1e-3) return size < 1e-9;
      x = trial;
    }
    return false;
  }

  Eigen::VectorXd start(int way) {
    Eigen::VectorXd x(n_);
    const double level = dice_.decades(1e-5, 1);
    for (Eigen::Index i = 0; i < n_; ++i) {
      switch (way) {
        case 0:
          x[i] = dice_.uniform(0, 1) * upper_[i];
          break;
        case 1:
          x[i] = dice_.decades(1e-8, 1) * upper_[i];
          break;
        case 2:
          x[i] = dice_.chance(0.5) ? level * upper_[i] * dice_.decades(0.1, 1) : 0;
          break;
        default:
          x[i] = dice_.decades(1e-4, 1) * upper_[i];
      }
    }
    if (way == 3 && found_.size() > 1) {
      // Between and beyond two of those found.
      const auto pick = [&] {
        return found_[static_cast<std::size_t>(
            dice_.uniform(0, static_cast<double>(found_.size()) - 1e-9))];
      };
      const Eigen::VectorXd a = pick(), b = pick();
      for (Eigen::Index i = 0; i < n_; ++i)
        x[i] = std::clamp(a[i] + dice_.uniform(-0.3, 1.3) * (b[i] - a[i]), 0.0, upper_[i]);
    }
    return x;
  }

  void keep(const Eigen::VectorXd& x) {
    for (const Eigen::VectorXd& known : found_) {
      if (same(known, x)) return;
    }
    found_.push_back(x);
  }

  const MeanField& field_;
  const Eigen::MatrixXd &A_, &B_;
  std::vector<nuphi::LifParameters> neurons_;
  Eigen::Index n_;
  Eigen::VectorXd upper_, mu_, sigma_, rate_, d_mu_, d_sigma_;
  Dice dice_;
  std::vector<Eigen::VectorXd> found_;
};

struct Outcome {
  std::uint64_t index = 0;
  Eigen::Index size = 0;
  int found = 0;    // by the default search
  int unknown = 0;  // of those, without an index
  int missed = 0;   // found by brute force only
  int missed_by_force = 0;
  std::optional<bool> says_missing = {};
  double milliseconds = 0, force_milliseconds = 0;
  std::string detail = {};
};

Outcome compare(const MeanField& field, std::uint64_t index, int starts, bool verbose) {
  Outcome outcome{.index = index, .size = field.size()};
  double begin = processor_time();
  const nuphi::StationarySet set = nuphi::find_stationary_states(field);
  outcome.milliseconds = 1e3 * (processor_time() - begin);
  outcome.found = static_cast<int>(set.states.size());
  outcome.says_missing = set.missing_states;
  for (const auto& state : set.states) outcome.unknown += !state.index;
  begin = processor_time();
  const std::vector<Eigen::VectorXd> forced = BruteForce(field, 77 + index).run(starts);
  outcome.force_milliseconds = 1e3 * (processor_time() - begin);
  for (const Eigen::VectorXd& x : forced) {
    const bool known = std::any_of(set.states.begin(), set.states.end(),
                                   [&](const auto& s) { return BruteForce::same(s.rates, x); });
    if (known) continue;
    ++outcome.missed;
    if (verbose) {
      outcome.detail += "   missed";
      for (const double rate : x) outcome.detail += fmt::format(" {:.6g}", rate);
      outcome.detail += "\n";
    }
  }
  for (const auto& state : set.states) {
    outcome.missed_by_force += std::none_of(forced.begin(), forced.end(), [&](const auto& x) {
      return BruteForce::same(state.rates, x);
    });
    if (verbose) {
      outcome.detail += fmt::format("   found {:+d}", state.index.value_or(0));
      for (const double rate : state.rates) outcome.detail += fmt::format(" {:.6g}", rate);
      outcome.detail += "\n";
    }
  }
  if (outcome.missed == 0 && outcome.says_missing == false) outcome.detail.clear();
  return outcome;
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

void row(std::string_view name, const std::vector<Outcome>& outcomes) {
  int several = 0, states = 0, one = 0, proven = 0, unknown = 0, networks = 0, missed = 0,
      unseen = 0, by_force = 0;
  std::vector<double> times, force;
  for (const Outcome& o : outcomes) {
    if (o.found + o.missed > 1) ++several;
    states += o.found + o.missed;
    one += o.says_missing == false;
    proven += o.says_missing == true;
    unknown += !o.says_missing;
    networks += o.missed > 0;
    missed += o.missed;
    unseen += o.missed > 0 && o.says_missing == false;
    by_force += o.missed_by_force;
    times.push_back(o.milliseconds);
    force.push_back(o.force_milliseconds);
  }
  fmt::print(
      "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1f} ms | {:.1f} ms | {:.0f} ms "
      "| {:.0f} ms "
      "| {:.0f} ms |\n",
      name, outcomes.size(), several, states, one, proven, unknown, missed, networks, unseen,
      by_force, quantile(times, 0.5), quantile(times, 0.9), quantile(times, 0.99),
      quantile(times, 1), quantile(force, 0.5));
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t count = 1000, first = 0, seed = 0;
  int starts = 20000;
  bool ensemble = false, verbose = false;
  CLI::App app("Completeness of the search for all stationary states");
  app.add_option("--count", count);
  app.add_option("--first", first);
  app.add_option("--seed", seed);
  app.add_option("--starts", starts);
  app.add_flag("--ensemble", ensemble);
  app.add_flag("--verbose", verbose);
  CLI11_PARSE(app, argc, argv);

  std::vector<Outcome> outcomes(count);
  std::atomic<std::uint64_t> next = 0;
  std::mutex print;
  const auto work = [&] {
    for (std::uint64_t k = next++; k < count; k = next++) {
      const std::uint64_t index = first + k;
      const MeanField field = ensemble ? nuphi::test::random_field(index, seed)
                                       : nuphi::test::multistable_field(index, seed);
      if (ensemble && field.size() > 8) continue;
      outcomes[k] = compare(field, index, starts, verbose);
      if (outcomes[k].detail.empty()) continue;
      const std::lock_guard lock(print);
      fmt::print(
          stderr, "{} ({} populations, {}):\n{}", index, field.size(),
          outcomes[k].says_missing ? *outcomes[k].says_missing ? "missing" : "sum 1" : "unknown",
          outcomes[k].detail);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t)
    threads.emplace_back(work);
  threads.clear();

  fmt::print(
      "| networks | number | with several states | states | index sum 1 | sum says missing | "
      "no sum | states missed | in networks | with sum 1 | missed by brute force | median | 90 % | "
      "99 % | "
      "longest | "
      "brute force, median |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  std::erase_if(outcomes, [](const Outcome& o) { return o.size == 0; });
  row("all", outcomes);
  const int kinds = ensemble ? nuphi::test::kRegimes : nuphi::test::kMultistableKinds;
  for (int kind = 0; kind < kinds; ++kind) {
    std::vector<Outcome> some;
    std::copy_if(outcomes.begin(), outcomes.end(), std::back_inserter(some),
                 [&](const Outcome& o) { return static_cast<int>(o.index % kinds) == kind; });
    row(ensemble ? nuphi::test::kRegimeNames[kind] : nuphi::test::kMultistableNames[kind], some);
  }
}
