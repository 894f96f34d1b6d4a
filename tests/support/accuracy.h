// Errors over many rows of a table, against a budget.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

namespace nuphi::test {

struct Budget {
  double worst = 0;
  double rms = 0;
};

class ErrorStatistics {
 public:
  void add(double error, const std::string& where) {
    if (!(error <= worst_)) {  // so that a NaN counts
      worst_ = error;
      where_ = where;
    }
    sum_ += error * error;
    ++count_;
  }
  [[nodiscard]] double worst() const { return worst_; }
  [[nodiscard]] double rms() const {
    return count_ == 0 ? 0 : std::sqrt(sum_ / static_cast<double>(count_));
  }
  [[nodiscard]] long count() const { return count_; }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  double worst_ = 0, sum_ = 0;
  long count_ = 0;
  std::string where_;
};

/// Adds a line to the file that NUPHI_ACCURACY_CSV names, for docs/accuracy.md; nothing without it.
inline void publish(const ErrorStatistics& errors, const Budget& budget, const std::string& what) {
  const char* const path = std::getenv("NUPHI_ACCURACY_CSV");
  const testing::TestInfo* const test = testing::UnitTest::GetInstance()->current_test_info();
  if (path == nullptr || test == nullptr || errors.count() == 0) return;
  std::ofstream(path, std::ios::app)
      << test->test_suite_name() << '.' << test->name() << ',' << what << ',' << errors.count()
      << ',' << errors.worst() << ',' << errors.rms() << ',' << budget.worst << ',' << budget.rms
      << '\n';
}

inline void expect_within(const ErrorStatistics& errors, const Budget& budget,
                          const std::string& what) {
  publish(errors, budget, what);
  EXPECT_LE(errors.worst(), budget.worst)
      << what << ": worst of " << errors.count() << " at " << errors.where();
  EXPECT_LE(errors.rms(), budget.rms) << what << ": RMS of " << errors.count() << " rows";
}

}  // namespace nuphi::test
