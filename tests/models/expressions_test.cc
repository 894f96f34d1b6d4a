#include <gtest/gtest.h>
#include <nuphi/models/yaml.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/support.h"

namespace nuphi {
namespace {

using test::codes_of;
using test::parse_model;
using test::Sections;

/// Parameters of a model with the given ones in block style, one a line.
std::vector<Parameter> parameters(const std::vector<std::string>& lines) {
  Sections sections;
  sections.parameters = "parameters:\n";
  for (const std::string& line : lines) sections.parameters += "  " + line + "\n";
  return parse_model(sections).parameters;
}
std::vector<std::string> codes(const std::vector<std::string>& lines) {
  return codes_of([&] { (void)parameters(lines); });
}
double value(const std::string& expression) {
  return parameters({"x: \"= " + expression + '"'}).back().value;
}

TEST(Expressions, ComputeAsMathematicsDoes) {
  EXPECT_EQ(value("1 + 2 * 3"), 7);
  EXPECT_EQ(value("-2 ^ 2"), -4);
  EXPECT_EQ(value("2 ^ 3 ^ 2"), 512);
  EXPECT_EQ(value("(1 + 2) * 3 / 4"), 2.25);
  EXPECT_EQ(value("8 / 4 / 2"), 1);
  EXPECT_EQ(value("1e-3 + 2.5E2 + .5"), 1e-3 + 2.5e2 + .5);
  EXPECT_EQ(value("max(3, 4) + min(1, 2) + abs(-2)"), 7);
  EXPECT_EQ(value("ln(_e)"), 1);
  EXPECT_DOUBLE_EQ(value("log10(1000) + log2(8) + sqrt(16)"), 10);
  EXPECT_DOUBLE_EQ(value("cos(_pi)"), -1);
  EXPECT_EQ(value("3 > 2 ? 10 : 20"), 10);
  EXPECT_EQ(value("3 == 2 ? 10 : 20"), 20);
  EXPECT_EQ(value("3 != 2 && 1 <= 1 || 0 >= 1 ? 5 : 6"), 5);
}

TEST(Expressions, KeepTheOrderOfTheirOperations) {
  // An optimiser that gathers factors would round otherwise.
  const auto list = parameters({"J: 0.1 mV", "x: = 3 * J * 7 / 3"});
  EXPECT_EQ(list[1].value, 3 * 0.1e-3 * 7 / 3);
}

TEST(Expressions, AreComputedInTheOrderOfTheirDependence) {
  const auto list = parameters({"a: = b * c", "b: = c + 1", "c: = d * 2", "d: 3"});
  EXPECT_EQ(list[0].value, 42);
}

TEST(Expressions, CarryDimensions) {
  const auto dimension = [](const std::string& expression) {
    return parameters({"V: 3 mV", "t: 5 ms", "I: 2 pA", "C: 7 pF", "f: 11 Hz", "n: 4",
                       "x: \"= " + expression + '"'})
        .back()
        .dimension;
  };
  EXPECT_EQ(dimension("V"), "V");
  EXPECT_EQ(dimension("n * V / 2"), "V");
  EXPECT_EQ(dimension("1 / t"), "Hz");
  EXPECT_EQ(dimension("f * t"), "1");
  EXPECT_EQ(dimension("C * V / t"), "A");
  EXPECT_EQ(dimension("I * t / V"), "F");
  EXPECT_EQ(dimension("V / I"), "Ohm");
  EXPECT_EQ(dimension("I / V"), "S");
  EXPECT_EQ(dimension("V / t"), "V/s");
  EXPECT_EQ(dimension("V ^ 2 * t"), "V^2*s");
  EXPECT_EQ(dimension("sqrt(V ^ 2)"), "V");
  EXPECT_EQ(dimension("V * sqrt(t * f)"), "V");
  EXPECT_EQ(dimension("max(V, 2 * V)"), "V");
  EXPECT_EQ(dimension("abs(V) + V * exp(f * t) - V * ln(t * f)"), "V");
  EXPECT_EQ(dimension("n > 3 ? V : 2 * V"), "V");
  EXPECT_EQ(dimension("V > 2 * V ? t : 3 * t"), "s");
  EXPECT_EQ(dimension("sqrt(t)"), "s^(3/6)");
}

TEST(Expressions, RefuseWhatDependsOnTheChoiceOfUnits) {
  const auto refused = [](const std::string& expression) {
    return codes({"V: 3 mV", "W: 5 mV", "t: 5 ms", "n: 4", "x: \"= " + expression + '"'}) ==
           std::vector<std::string>{"wrong-dimension"};
  };
  EXPECT_TRUE(refused("V + t"));
  EXPECT_TRUE(refused("V + 1"));
  EXPECT_TRUE(refused("V + 1e-3"));
  EXPECT_TRUE(refused("V - 1e-9"));
  EXPECT_TRUE(refused("exp(V)"));
  EXPECT_TRUE(refused("sin(t)"));
  EXPECT_TRUE(refused("V ^ n + t"));
  EXPECT_TRUE(refused("n ^ V"));
  EXPECT_TRUE(refused("max(V, t)"));
  EXPECT_TRUE(refused("V > 1 ? V : t"));
  EXPECT_TRUE(refused("n > 3 ? V : t"));
  EXPECT_TRUE(refused("n > 5 ? V : t"));
  EXPECT_FALSE(refused("V / W"));
}

TEST(Expressions, ChecksHoldWhereValuesAreZero) {
  // A parameter of 0 mV must not let any dimension pass.
  EXPECT_EQ(codes({"V: 0 mV", "t: 5 ms", "x: = V + t"}),
            std::vector<std::string>{"wrong-dimension"});
  EXPECT_EQ(parameters({"V: 0 mV", "x: = 2 * V"}).back().dimension, "V");
  EXPECT_EQ(parameters({"V: 0 mV", "x: = 2 * V"}).back().value, 0);
}

TEST(Expressions, ZeroIsOfAnyDimension) {
  Sections sections;
  sections.parameters = "parameters: {J: 1 mV}\n";
  sections.inputs = "inputs: [{to: E, noise: {sigma: = 0 * J}}, {to: E, noise: {sigma: = 0}}]\n";
  EXPECT_NO_THROW((void)parse_model(sections));
}

TEST(Expressions, ChecksHoldNearSingularities) {
  EXPECT_EQ(parameters({"p: 0.9", "V: 1 mV", "x: = V * ln(1 - p)"}).back().dimension, "V");
  EXPECT_EQ(parameters({"g: 5", "V: 1 mV", "x: = V / sqrt(1 - 4 / g)"}).back().dimension, "V");
}

TEST(Expressions, RefuseAssignment) {
  for (const char* text : {"g = 3", "(g = 3)", "g = g = 3", "1, g = 3", "g=3", "= 3", "g === 3"}) {
    EXPECT_FALSE(codes({"g: 5", std::string("x: = ") + text}).empty()) << text;
  }
  EXPECT_EQ(parameters({"g: 5", "x: = g == 5", "y: = g"}).back().value, 5);
}

TEST(Expressions, RefuseWhatIsNoSingleFiniteNumber) {
  using Codes = std::vector<std::string>;
  EXPECT_EQ(codes({"x: = 1 / 0"}), Codes{"non-finite"});
  EXPECT_EQ(codes({"x: = ln(-1)"}), Codes{"non-finite"});
  EXPECT_EQ(codes({"x: = 1e308 * 10"}), Codes{"non-finite"});
  EXPECT_EQ(codes({"x: = 1, 2"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: ="}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = ()"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = (1"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = 1)"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = 1 +"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = 0x10"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = 010"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = 1 ? 2"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = system(1)"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = exp"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = 5!"}), Codes{"bad-expression"});
  EXPECT_EQ(codes({"x: = $x"}), Codes{"bad-expression"});
}

TEST(Expressions, ALongOrDeepOneIsAFaultNotACrash) {
  EXPECT_EQ(codes({"x: = " + std::string(100000, '(')}),
            std::vector<std::string>{"bad-expression"});
  EXPECT_EQ(codes({"x: = " + std::string(1500, '-') + "1"}).size(), 1U);
  EXPECT_EQ(codes({"x: = " + std::string(40, '(') + "1" + std::string(40, ')')}).size(), 0U);
  std::string sum = "1";
  for (int i = 0; i < 450; ++i) sum += " + 1";
  EXPECT_EQ(parameters({"x: = " + sum}).back().value, 451);
}

TEST(Expressions, LongChainsOfParametersAreComputed) {
  std::vector<std::string> lines = {"p0: 1 mV"};
  for (int i = 1; i < 2000; ++i) {
    const std::string number = std::to_string(i);
    std::string line = "p";
    line.append(number).append(": = p").append(std::to_string(i - 1)).append(" * 1");
    lines.insert(lines.begin(), line);
  }
  EXPECT_EQ(parameters(lines).front().value, 1e-3);
  EXPECT_EQ(parameters(lines).front().dimension, "V");
}

TEST(Expressions, ManyDifferentOnesAreAFault) {
  Sections sections;
  sections.inputs = "inputs:\n";
  for (int i = 0; i < 5100; ++i) {
    sections.inputs += "  - {to: E, noise: {sigma: 1 mV, mean: = " + std::to_string(i) + " * J}}\n";
  }
  sections.parameters = "parameters: {J: 1 mV}\n";
  EXPECT_EQ(codes_of([&] { (void)parse_model(sections); }),
            std::vector<std::string>(100, "too-many-expressions"));
}

}  // namespace
}  // namespace nuphi
