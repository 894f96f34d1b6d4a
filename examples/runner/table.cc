#include "table.h"

#include <fmt/format.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <cmath>

namespace nuphi::runner {
namespace {

using namespace units;

// Characters on screen: the continuation bytes of UTF-8 take no room.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (i == 0 ? row[i] + padding : padding + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

DisplayUnit display_unit(const std::string& si) {
  if (si == "V") return {"mV", mV};
  if (si == "s") return {"ms", ms};
  if (si == "A") return {"pA", pA};
  if (si == "F") return {"pF", pF};
  return {si, 1};
}

std::string display(double value) {
  if (std::isnan(value)) return "–";
  return fmt::format("{:.6g}", value);
}

}  // namespace nuphi::runner
