#include <gtest/gtest.h>
#include <nuphi/solver/continuation.h>

#include <cmath>
#include <cstdio>

#include <nuphi/solver/rate_family.h>

#include "networks.h"
#include "parametric_problems.h"

namespace nuphi::test {
namespace {
void show(const char* name, const Branch& b) {
  std::printf("%s: %zu points, %d rejected, front %s back %s\n", name, b.points.size(), b.rejected_steps,
              std::string(to_string(b.front)).c_str(), std::string(to_string(b.back)).c_str());
  for (auto& s : b.special_points)
    std::printf("  %s %s p=%.17g x=%.17g err=%g after %d s=%g\n", std::string(to_string(s.kind)).c_str(), s.name.c_str(),
                s.point.parameter, s.point.x[0], s.error_estimate, s.after, s.point.arclength);
}
Eigen::VectorXd one(double x) { return Eigen::VectorXd::Constant(1, x); }

TEST(Play, Lif) {
  for (double step : {0.02, 0.005, 0.1}) {
    ContinuationOptions o;
    o.lower = 17e-3; o.upper = 21e-3; o.max_step = step;
    auto r = continue_stationary([](double d) { return bistable_field(d); }, o);
    show("bistable", r.branch);
  }
  for (double step : {0.02, 0.005, 0.1}) {
    ContinuationOptions o;
    o.lower = 3; o.upper = 8; o.max_step = step;
    auto r = continue_stationary([](double d) { return three_states_field(d); }, o);
    show("three", r.branch);
    if (step==0.02) for (size_t k=0;k<r.branch.points.size();k+=5) {auto& q=r.branch.points[k]; std::printf("%g %g %g | slope %g lead %g res %g\n", q.parameter, q.x[0], q.x[1], q.slope, *q.leading_eigenvalue, q.residual);}
  }
}
}
}
