#include "ending.h"

#include <fmt/format.h>

#include <utility>

#include "commands.h"
#include "files.h"
#include "printable.h"

namespace nuphi::runner {

int no_state(const Summary& summary, std::string_view purpose) {
  if (summary.termination == Termination::kInterrupted) {
    print_error("interrupted before there was a stationary state; nothing was written\n");
    return interrupt_exit_code();
  }
  print_error(fmt::format("error: no stationary state {}: {}\n", purpose, summary.message));
  return kNotConverged;
}

Json state_so_far(const Model& model, const StationaryState& state, std::string_view format) {
  Json json = result_header(model);
  json["format"] = format;
  json["partial"] = true;
  json["reason"] = "interrupted";
  json["rate"] = quantities("Hz", state.rates);
  return json;
}

void keep_so_far(const std::string& output, std::string text) {
  keep_for_emergency([output, text = std::move(text)] { write_so_far(output, text); });
}

}  // namespace nuphi::runner
