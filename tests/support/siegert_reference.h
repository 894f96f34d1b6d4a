// The rows of tests/data/siegert.csv, and how an evaluation is judged against them.
#pragma once

#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "support/accuracy.h"
#include "support/budgets.h"
#include "support/csv.h"

namespace nuphi::test {

inline LifParameters neuron_of(const CsvTable& table, std::size_t row) {
  return {.tau_m = table.number(row, "tau_m"),
          .t_ref = table.number(row, "t_ref"),
          .V_th = table.number(row, "V_th"),
          .V_reset = table.number(row, "V_reset"),
          .tau_syn = table.number(row, "tau_syn")};
}

/// Whether a table value is a normal double with room for its derivatives' rounding.
inline bool representable(long double x) { return std::abs(x) > 1e-306L && std::abs(x) < 1e308L; }

inline double scaled_error(double value, long double truth, long double scale) {
  return static_cast<double>(std::abs(value - truth) / scale);
}

inline double relative(double value, long double truth) {
  return scaled_error(value, truth, std::abs(truth));
}

inline long double half_alpha_root(const LifParameters& n) {
  return 1.03262657611560858734L * std::sqrt(static_cast<long double>(n.tau_syn) / n.tau_m);
}

struct SiegertErrors {
  ErrorStatistics rate, log_rate, d_mu, d_sigma, second;

  void expect_within_budget(const SiegertBudget& budget) const {
    EXPECT_GT(log_rate.count(), 0) << "no such regime in the table";
    expect_within(rate, budget.rate, "rate");
    expect_within(log_rate, budget.log_rate, "log rate");
    expect_within(d_mu, budget.d_mu, "∂μ");
    expect_within(d_sigma, budget.d_sigma, "∂σ");
    expect_within(second, budget.second, "second derivatives");
  }

  /// One row; `r` may come from another call than `s`.
  void add(const CsvTable& table, std::size_t row, const SiegertRate& r, const SiegertSecond& s) {
    const std::string where = "id " + table.text(row, "id");
    const LifParameters neuron = neuron_of(table, row);
    const long double nu = table.truth(row, "nu"), log_nu = table.truth(row, "log_nu");
    if (std::isinf(log_nu)) return expect_silent(r, table.number(row, "mu") == neuron.V_th, where);
    const long double l_mu = table.truth(row, "dlognu_dmu");
    const long double l_sigma = table.truth(row, "dlognu_dsigma");
    // ∂σ = (Δf'/2 − cΔf): the table knows the second addend, and with it the first.
    const long double c = half_alpha_root(neuron);
    const long double sigma_scale = std::max(std::abs(l_sigma + c * l_mu), c * l_mu);
    log_rate.add(scaled_error(r.log_rate, log_nu, std::max(1.0L, std::abs(log_nu))), where);
    d_mu.add(relative(r.dlog_rate_dmu, l_mu), where);
    if (sigma_scale > 0) d_sigma.add(scaled_error(r.dlog_rate_dsigma, l_sigma, sigma_scale), where);
    if (representable(nu)) rate.add(relative(r.rate, nu), where);
    if (representable(nu * l_mu)) {
      d_mu.add(relative(r.drate_dmu, table.truth(row, "dnu_dmu")), where);
    }
    if (representable(nu * sigma_scale)) {
      d_sigma.add(scaled_error(r.drate_dsigma, table.truth(row, "dnu_dsigma"), nu * sigma_scale),
                  where);
    }

    // The same formulas, but a compiler may contract them differently.
    EXPECT_NEAR(s.first.log_rate, r.log_rate, 1e-15 * std::max(1.0, std::abs(r.log_rate))) << where;
    EXPECT_NEAR(s.first.dlog_rate_dmu, r.dlog_rate_dmu, 2e-15 * r.dlog_rate_dmu) << where;
    EXPECT_NEAR(s.first.dlog_rate_dsigma, r.dlog_rate_dsigma,
                3e-15 * static_cast<double>(sigma_scale))
        << where;
    // T_pq/T and from them the addends Δf', Δf''/2, Δf'''/4 and those with c.
    const long double t_mm = l_mu * l_mu - table.truth(row, "d2lognu_dmu2");
    const long double t_ms = l_mu * l_sigma - table.truth(row, "d2lognu_dmudsigma");
    const long double t_ss = l_sigma * l_sigma - table.truth(row, "d2lognu_dsigma2");
    const long double f2 = t_ms + c * t_mm, f3 = t_ss + t_mm / 2 + 2 * c * f2 - c * c * t_mm;
    const auto largest = [](std::initializer_list<long double> x) {
      long double m = 0;
      for (const long double v : x) m = std::max(m, std::abs(v));
      return m;
    };
    const auto add_second = [&](double log_value, const char* log_column, double value,
                                const char* column, long double scale) {
      if (!(scale > 0)) return;
      second.add(scaled_error(log_value, table.truth(row, log_column), scale), where);
      if (representable(nu * scale) && representable(nu)) {
        second.add(scaled_error(value, table.truth(row, column), nu * scale), where);
      }
    };
    add_second(s.d2log_rate_dmu2, "d2lognu_dmu2", s.d2rate_dmu2, "d2nu_dmu2",
               largest({l_mu * l_mu, t_mm}));
    add_second(s.d2log_rate_dmudsigma, "d2lognu_dmudsigma", s.d2rate_dmudsigma, "d2nu_dmudsigma",
               largest({l_mu * sigma_scale, f2, c * t_mm}));
    add_second(s.d2log_rate_dsigma2, "d2lognu_dsigma2", s.d2rate_dsigma2, "d2nu_dsigma2",
               largest({sigma_scale * sigma_scale, f3, t_mm / 2, 2 * c * f2, c * c * t_mm}));
  }

 private:
  static void expect_silent(const SiegertRate& r, bool at_threshold, const std::string& where) {
    EXPECT_EQ(r.rate, 0) << where;
    EXPECT_EQ(r.log_rate, -std::numeric_limits<double>::infinity()) << where;
    EXPECT_TRUE(std::isnan(r.dlog_rate_dmu) && std::isnan(r.dlog_rate_dsigma)) << where;
    if (at_threshold) {
      EXPECT_TRUE(std::isnan(r.drate_dmu) && std::isnan(r.drate_dsigma)) << where;
    } else {
      EXPECT_EQ(r.drate_dmu, 0) << where;
      EXPECT_EQ(r.drate_dsigma, 0) << where;
    }
  }
};

inline std::vector<std::string> siegert_regimes() {
  std::vector<std::string> names;
  for (const auto& b : kSiegertBudgets) names.emplace_back(b.regime);
  return names;
}

}  // namespace nuphi::test
