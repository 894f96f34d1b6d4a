#include "response_names.h"

#include <fmt/format.h>

namespace nuphi::runner {
namespace {

/// The value of one of two words; nothing for none.
template <class Value>
std::optional<Value> one_of(const char* option, const std::string& text, const char* first,
                            Value first_value, const char* second, Value second_value) {
  if (text.empty()) return std::nullopt;
  if (text == first) return first_value;
  if (text == second) return second_value;
  throw UsageError(fmt::format("{} \"{}\": allowed are {}, {}", option, text, first, second));
}

}  // namespace

ResponseChoice choice_of(const ResponseWords& words) {
  return {.colour = one_of("--colour-response", words.colour, "moving", ColourResponse::kMoving,
                           "quasi_static", ColourResponse::kQuasiStatic),
          .refractoriness = one_of("--refractoriness", words.refractoriness, "exact",
                                   Refractoriness::kExact, "rate_only", Refractoriness::kRateOnly),
          .variance = one_of("--variance-response", words.variance, "on", true, "off", false)};
}

ResponseChoice chosen_response(const ResponseChoice& model, const ResponseWords& words) {
  ResponseChoice choice = choice_of(words);
  if (!choice.colour) choice.colour = model.colour;
  if (!choice.refractoriness) choice.refractoriness = model.refractoriness;
  if (!choice.variance) choice.variance = model.variance;
  return choice;
}

ResponseSettings settings_of(const ResponseChoice& choice) {
  const bool quasi_static = choice.colour == ColourResponse::kQuasiStatic;
  const bool rate_only = choice.refractoriness == Refractoriness::kRateOnly;
  return {.colour = quasi_static ? "quasi_static" : "moving",
          .refractoriness = rate_only ? "rate_only" : "exact",
          .variance = choice.variance.value_or(true)};
}

}  // namespace nuphi::runner
