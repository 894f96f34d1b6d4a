#include "response_names.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string_view>
#include <utility>

namespace nuphi::runner {
namespace {

template <class Value>
using Words = std::initializer_list<std::pair<std::string_view, Value>>;

/// The value of one of these words; nothing for none.
template <class Value>
std::optional<Value> one_of(const char* option, const std::string& text, Words<Value> words) {
  if (text.empty()) return std::nullopt;
  std::string allowed;
  for (const auto& [word, value] : words) {
    if (text == word) return value;
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", word);
  }
  throw UsageError(fmt::format("{} \"{}\": allowed are {}", option, text, allowed));
}

}  // namespace

ResponseChoice choice_of(const ResponseWords& words) {
  return {.colour = one_of<ColourResponse>("--colour-response", words.colour,
                                           {{"moving", ColourResponse::kMoving},
                                            {"quasi_static", ColourResponse::kQuasiStatic},
                                            {"exact", ColourResponse::kExact}}),
          .refractoriness = one_of<Refractoriness>(
              "--refractoriness", words.refractoriness,
              {{"exact", Refractoriness::kExact}, {"rate_only", Refractoriness::kRateOnly}}),
          .variance =
              one_of<bool>("--variance-response", words.variance, {{"on", true}, {"off", false}})};
}

ResponseChoice chosen_response(const ResponseChoice& model, const ResponseWords& words) {
  ResponseChoice choice = choice_of(words);
  if (!choice.colour) choice.colour = model.colour;
  if (!choice.refractoriness) choice.refractoriness = model.refractoriness;
  if (!choice.variance) choice.variance = model.variance;
  return choice;
}

void add_response(Json& settings, const ResponseChoice& choice) {
  const ColourResponse colour = choice.colour.value_or(ColourResponse::kMoving);
  settings["colour_response"] = colour == ColourResponse::kExact         ? "exact"
                                : colour == ColourResponse::kQuasiStatic ? "quasi_static"
                                                                         : "moving";
  settings["refractoriness"] =
      choice.refractoriness == Refractoriness::kRateOnly ? "rate_only" : "exact";
  settings["variance_response"] = choice.variance.value_or(true);
}

}  // namespace nuphi::runner
