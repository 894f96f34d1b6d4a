#include "expression.h"

#include <muParser.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include "faults.h"

namespace nuphi::loader {
namespace {

constexpr std::array<std::string_view, 26> kFunctions = {
    "sin",  "cos",   "tan",   "asin",  "acos", "atan",  "atan2", "sinh", "cosh",
    "tanh", "asinh", "acosh", "atanh", "log2", "log10", "log",   "ln",   "exp",
    "sqrt", "sign",  "rint",  "abs",   "sum",  "avg",   "min",   "max"};
constexpr std::array<std::string_view, 2> kConstants = {"_pi", "_e"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_letter(c) || is_digit(c); }

/// End of the number that starts here; "1e" and "1e+" end before the e.
std::size_t number_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at < text.size() && text[at] == '.') ++at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t power = at + 1;
    if (power < text.size() && (text[power] == '+' || text[power] == '-')) ++power;
    if (power < text.size() && is_digit(text[power])) {
      at = power;
      while (at < text.size() && is_digit(text[at])) ++at;
    }
  }
  return at;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Outcome<std::vector<Name>> scan() {
    constexpr std::size_t kLongest = 2000;
    if (text_.size() > kLongest) {
      return fault("expression is longer than 2000 characters", "split it into parameters");
    }
    while (at_ < text_.size()) {
      const TextFault f = next();
      if (!f.code.empty()) return f;
    }
    return names_;
  }

 private:
  TextFault fault(std::string message, std::string hint = {}) const {
    return {"bad-expression", std::move(message), std::move(hint), static_cast<int>(at_)};
  }

  TextFault next() {
    const char c = text_[at_];
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      return number();
    }
    if (is_letter(c)) return name();
    if (c == '=') return equals();
    if (c == '(' && ++depth_ > 50) return fault("parentheses are nested more than 50 deep");
    if (c == ')') --depth_;
    if (std::string_view(" +-*/^(),<>!?:&|").find(c) == std::string_view::npos) {
      return fault(cited(text_.substr(at_, 1)) + " has no meaning in an expression");
    }
    ++at_;
    return {};
  }

  TextFault number() {
    const std::size_t end = number_end(text_, at_);
    std::size_t next = end;
    while (next < text_.size() && text_[next] == ' ') ++next;
    if (next < text_.size() && is_letter(text_[next])) {
      const char* const why = "a number is followed by a name";
      return fault(why,
                   "units are not written inside expressions: name the quantity under "
                   "`parameters`; a product needs `*`");
    }
    if (end - at_ > 1 && text_[at_] == '0' && is_digit(text_[at_ + 1])) {
      return fault("a number with a leading zero", "leave the zero out");
    }
    at_ = end;
    return {};
  }

  TextFault name() {
    const std::size_t start = at_;
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    const std::string_view name = text_.substr(start, end - start);
    std::size_t next = end;
    while (next < text_.size() && text_[next] == ' ') ++next;
    const bool called = next < text_.size() && text_[next] == '(';
    if (called && !is_function(name)) {
      return fault(
          cited(name) + " is not a function",
          "functions are sin, cos, tan, exp, ln, log2, log10, sqrt, abs, min, max and more");
    }
    if (!called && is_function(name)) {
      return fault("the function " + cited(name) + " needs an argument in parentheses");
    }
    const bool constant = std::find(kConstants.begin(), kConstants.end(), name) != kConstants.end();
    if (!called && !constant) names_.push_back({std::string(name), static_cast<int>(start)});
    at_ = end;
    return {};
  }

  /// `==`, `<=`, `>=` and `!=` compare; a single `=` would assign, and muParser would let it.
  TextFault equals() {
    const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == '=';
    const bool closes =
        at_ > 0 && std::string_view("<>!").find(text_[at_ - 1]) != std::string_view::npos;
    if (!doubled && !closes) {
      return fault("`=` inside an expression", "nothing can be assigned; to compare write `==`");
    }
    at_ += doubled ? 2 : 1;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<Name> names_;
};

/// Stand-in values from 0.05 to 20, the same in every run.
class StandIns {
 public:
  double next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    const double uniform = static_cast<double>(state_ >> 11U) * 0x1p-53;
    return std::exp((2 * uniform - 1) * 3.0);
  }

 private:
  std::uint64_t state_ = 20210514;
};

constexpr double kScale = 1.9;

double scale_of(const Dimension& dimension, int base) {
  const std::array<int, 3> powers = {dimension.volt, dimension.second, dimension.ampere};
  return std::pow(kScale, powers[base] / static_cast<double>(kWhole));
}

enum class Scaling { kUnknown, kPower, kTooHigh, kNone };

struct Exponent {
  Scaling scaling = Scaling::kUnknown;
  int sixths = 0;
};

Exponent exponent_from(double before, double after) {
  if (!std::isfinite(before) || !std::isfinite(after)) return {};
  // Near underflow nothing is left of the digits that tell.
  constexpr double kSmallest = 1e-290;
  if (std::abs(before) < kSmallest && std::abs(after) < kSmallest) return {};
  if (before == 0 || after == 0 || (before > 0) != (after > 0)) return {Scaling::kNone, 0};
  const double sixths = kWhole * std::log(after / before) / std::log(kScale);
  const double whole = std::nearbyint(sixths);
  constexpr double kTolerance = 1e-8;
  constexpr double kFarthest = 1000;
  if (std::isinf(sixths)) return {Scaling::kTooHigh, 0};
  if (std::abs(sixths - whole) > kTolerance) return {Scaling::kNone, 0};
  if (std::abs(whole) > kFarthest) return {Scaling::kTooHigh, 0};
  return {Scaling::kPower, static_cast<int>(whole)};
}

/// muParser's message without its position, which becomes the caret.
TextFault syntax_fault(std::string_view text, const mu::ParserError& error) {
  std::string message = error.GetMsg();
  for (const char* tail : {" found at position", " at position"}) {
    message = message.substr(0, message.find(tail));
  }
  if (message.ends_with('.')) message.pop_back();
  if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z') message[0] += 'a' - 'A';
  const bool open =
      std::count(text.begin(), text.end(), '(') > std::count(text.begin(), text.end(), ')');
  const int position = error.GetPos();
  const bool inside = position >= 0 && position < static_cast<int>(text.size());
  return {"bad-expression", "the expression cannot be read: " + message,
          open ? "inside `{…}` and `[…]`, an expression with a comma must stand in quotes" : "",
          inside ? position : 0};
}

}  // namespace

Outcome<std::vector<Name>> scan_expression(std::string_view text) { return Scanner(text).scan(); }

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text[0]) && text[0] != '_' &&
         std::all_of(text.begin(), text.end(), is_name_char);
}

bool is_function(std::string_view name) {
  return std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
}

struct Evaluator::Impl {
  std::vector<std::string> names;
  std::vector<double> values;
  std::map<std::string, std::size_t, std::less<>> index;
  std::vector<std::unique_ptr<mu::Parser>> formulas;
};

Evaluator::Evaluator(std::vector<std::string> parameter_names) : impl_(std::make_unique<Impl>()) {
  impl_->values.assign(parameter_names.size(), 1.0);
  for (std::size_t i = 0; i < parameter_names.size(); ++i) impl_->index[parameter_names[i]] = i;
  impl_->names = std::move(parameter_names);
}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;
Evaluator::~Evaluator() = default;

std::span<double> Evaluator::values() { return impl_->values; }

Outcome<int> Evaluator::add(std::string_view text) {
  constexpr std::size_t kMostFormulas = 5000;
  if (impl_->formulas.size() >= kMostFormulas) {
    return TextFault{"too-many-expressions", "the file has more than 5000 different expressions",
                     "", 0};
  }
  const Outcome<std::vector<Name>> names = scan_expression(text);
  if (!names.value) return names.fault;
  try {
    auto parser = std::make_unique<mu::Parser>();
    parser->EnableOptimizer(false);  // it regroups sums and products, and with that the rounding
    // Bound as variables, so that new values need no new parse; scan_expression has refused
    // assignment.
    for (const Name& name : *names.value) {
      const auto found = impl_->index.find(name.text);
      if (found != impl_->index.end()) parser->DefineVar(name.text, &impl_->values[found->second]);
    }
    parser->SetExpr(std::string(text));
    int results = 0;
    parser->Eval(results);
    if (results != 1) {
      return TextFault{"bad-expression",
                       "the expression gives " + std::to_string(results) + " values", "", 0};
    }
    impl_->formulas.push_back(std::move(parser));
  } catch (const mu::ParserError& e) {
    return syntax_fault(text, e);
  }
  return static_cast<int>(impl_->formulas.size()) - 1;
}

double Evaluator::evaluate(int index) const {
  try {
    return impl_->formulas[index]->Eval();
  } catch (const mu::ParserError&) {
    return std::nan("");
  }
}

Outcome<Inferred> infer_dimension(Evaluator& evaluator, int index, std::span<const int> used,
                                  std::span<const Dimension> dimensions,
                                  std::span<const double> own) {
  constexpr int kSets = 12;
  const std::span<double> values = evaluator.values();
  std::array<Exponent, 3> exponents;
  StandIns stand_ins;
  bool mixed = false;
  bool too_high = false;
  bool always_zero = true;
  for (int set = 0; set <= kSets; ++set) {
    std::vector<double> base;
    for (const int p : used) {
      const double value = set == kSets ? own[p] : stand_ins.next();
      base.push_back(value != 0 && std::isfinite(value) ? value : 1.0);
      values[p] = base.back();
    }
    const double before = evaluator.evaluate(index);
    always_zero = always_zero && before == 0;
    for (int unit = 0; unit < 3; ++unit) {
      for (std::size_t k = 0; k < used.size(); ++k) {
        values[used[k]] = base[k] * scale_of(dimensions[used[k]], unit);
      }
      const Exponent found = exponent_from(before, evaluator.evaluate(index));
      if (found.scaling == Scaling::kUnknown) continue;
      too_high = too_high || found.scaling == Scaling::kTooHigh;
      mixed =
          mixed || found.scaling == Scaling::kNone ||
          (exponents[unit].scaling == Scaling::kPower && exponents[unit].sixths != found.sixths);
      exponents[unit] = found;
    }
  }
  for (const int p : used) values[p] = own[p];
  if (too_high) {
    return TextFault{"wrong-dimension", "the expression has a power of a unit that is beyond 166",
                     "a ratio of two quantities has no unit and may have any power"};
  }
  if (mixed) {
    return TextFault{"wrong-dimension",
                     "the expression mixes dimensions: its value depends on the choice of units",
                     "sums need terms of one dimension; functions such as exp need plain numbers"};
  }
  return Inferred{{exponents[0].sixths, exponents[1].sixths, exponents[2].sixths}, always_zero};
}

}  // namespace nuphi::loader
