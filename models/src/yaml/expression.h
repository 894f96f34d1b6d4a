#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quantity.h"

namespace nuphi::loader {

/// A parameter's name inside an expression.
struct Name {
  std::string text;
  int offset = 0;  ///< bytes into the expression
};

/// Lexical check of an expression and the parameters it names. Everything that muParser would take
/// but a model file must not hold (assignment, strings, hex numbers, units) is refused here.
Outcome<std::vector<Name>> scan_expression(std::string_view text);

bool is_identifier(std::string_view text);
/// A name that expressions know already, such as `exp`.
bool is_function(std::string_view name);

/// Compiled expressions over one vector of parameter values, in SI. Not thread-safe: one per
/// thread.
class Evaluator {
 public:
  explicit Evaluator(std::vector<std::string> parameter_names);
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;
  ~Evaluator();

  /// Compiles an expression that passed scan_expression. @return its index
  Outcome<int> add(std::string_view text);
  [[nodiscard]] double evaluate(int index) const;

  std::span<double> values();  ///< of the parameters, SI

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct Inferred {
  Dimension dimension;
  bool always_zero = false;  ///< as of any dimension
};

/// Dimension of an expression from how it scales with the units of its parameters: each base unit
/// in turn is rescaled, at several sets of stand-in values (no value is zero) and at the
/// parameters' own.
/// @param used     indices of the parameters it names
/// @param own      values of all parameters; left in the evaluator at return
Outcome<Inferred> infer_dimension(Evaluator& evaluator, int index, std::span<const int> used,
                                  std::span<const Dimension> dimensions,
                                  std::span<const double> own);

}  // namespace nuphi::loader
