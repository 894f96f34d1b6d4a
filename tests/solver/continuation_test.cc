#include <gtest/gtest.h>
#include <nuphi/solver/continuation.h>

#include <cmath>
#include <cstdio>

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

TEST(Play, All) {
  {
    auto p = parabola();
    ContinuationOptions o{.lower = -1, .upper = 2, .direction = BranchDirection::kDecreasing};
    show("parabola", continue_branch(p, one(1), 1, o));
    std::printf("%d evals\n", p.evaluations);
    o.max_step = 0.1;
    show("parabola", continue_branch(p, one(1), 1, o));
    o.direction = BranchDirection::kBoth;
    show("parabola both", continue_branch(p, one(1), 1, o));
  }
  {
    auto p = pitchfork();
    ContinuationOptions o{.lower = -1, .upper = 2, .direction = BranchDirection::kIncreasing};
    show("pitchfork trivial", continue_branch(p, one(0), -1, o));
    o.direction = BranchDirection::kDecreasing;
    show("pitchfork parabola", continue_branch(p, one(1), 1, o));
  }
  {
    auto p = transcritical();
    ContinuationOptions o{.lower = -1, .upper = 2, .direction = BranchDirection::kIncreasing};
    show("transcritical trivial", continue_branch(p, one(0), -1, o));
    show("transcritical line", continue_branch(p, one(-1), -1, o));
  }
  {
    auto p = circle();
    ContinuationOptions o{.lower = -2, .upper = 2, .direction = BranchDirection::kIncreasing};
    show("circle", continue_branch(p, one(1), 0.3, o));
    o.direction = BranchDirection::kBoth;
    show("circle both", continue_branch(p, one(1), 0.3, o));
  }
  {
    auto p = bratu(99);
    ContinuationOptions o{.lower = 0, .upper = 4, .direction = BranchDirection::kIncreasing};
    {auto b=continue_branch(p, Eigen::VectorXd::Zero(99), 0, o); show("bratu", b); for (size_t k=0;k<b.points.size();k+= (k<300?10:200)) std::printf("%zu p=%.12g max=%g slope=%g s=%g res=%g\n",k,b.points[k].parameter,b.points[k].x.maxCoeff(),b.points[k].slope,b.points[k].arclength,b.points[k].residual);}
    o.max_step = 0.1; o.initial_step = 0.05;
    {auto b=continue_branch(p, Eigen::VectorXd::Zero(99), 0, o); show("bratu", b); for (size_t k=0;k<b.points.size();k+= (k<300?10:200)) std::printf("%zu p=%.12g max=%g slope=%g s=%g res=%g\n",k,b.points[k].parameter,b.points[k].x.maxCoeff(),b.points[k].slope,b.points[k].arclength,b.points[k].residual);}
  }
}
}  // namespace
}  // namespace nuphi::test
