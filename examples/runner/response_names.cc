#include "response_names.h"

#include <fmt/format.h>

#include <nuphi/models/words.h>

#include <array>
#include <string_view>

namespace nuphi::runner {
namespace {

constexpr Words<bool, 2> kOnOff = {{{"on", true}, {"off", false}}};

/// The value of one of these words; nothing for none.
template <class Value, std::size_t n>
std::optional<Value> one_of(const char* option, const std::string& text,
                            const Words<Value, n>& words) {
  if (text.empty()) return std::nullopt;
  if (const auto value = from_word(words, text)) return value;
  std::string allowed;
  for (const auto& [word, value] : words)
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", word);
  throw UsageError(fmt::format("{} \"{}\": allowed are {}", option, text, allowed));
}

}  // namespace

ResponseChoice choice_of(const ResponseWords& words) {
  return {.colour = one_of("--colour-response", words.colour, kColourResponses),
          .refractoriness = one_of("--refractoriness", words.refractoriness, kRefractorinesses),
          .variance = one_of("--variance-response", words.variance, kOnOff)};
}

ResponseChoice chosen_response(const ResponseChoice& model, const ResponseWords& words) {
  ResponseChoice choice = choice_of(words);
  if (!choice.colour) choice.colour = model.colour;
  if (!choice.refractoriness) choice.refractoriness = model.refractoriness;
  if (!choice.variance) choice.variance = model.variance;
  return choice;
}

void add_response(Json& settings, const ResponseChoice& choice) {
  settings["colour_response"] =
      to_word(kColourResponses, choice.colour.value_or(ColourResponse::kMoving));
  settings["refractoriness"] =
      to_word(kRefractorinesses, choice.refractoriness.value_or(Refractoriness::kExact));
  settings["variance_response"] = choice.variance.value_or(true);
}

}  // namespace nuphi::runner
