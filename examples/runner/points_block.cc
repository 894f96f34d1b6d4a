#include <fmt/compile.h>
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "points_stream.h"

namespace nuphi::runner {
namespace {

constexpr std::size_t kFaultsKept = 10;

/// Shortest text that reads back as the same double.
void append(fmt::memory_buffer& text, double value) {
  if (std::isnan(value)) {  // fmt would give a sign to some
    text.append(std::string_view(",nan"));
  } else {
    fmt::format_to(std::back_inserter(text), FMT_COMPILE(",{}"), value);
  }
}

}  // namespace

PointsBlock::PointsBlock(const PointsHeader& header, std::string text, int first_line)
    : header_(&header), text_(std::move(text)) {
  int number = first_line;
  std::string_view rest = text_;
  for (; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!is_passed_over(line)) rows_.push_back({line, number});
  }
}

void PointsBlock::reject(std::size_t index, const PointsRow& row, const ModelError& error) {
  ++bad_rows_;
  rows_[index].bad = true;
  if (faults_.size() < kFaultsKept) faults_.push_back(error.diagnostics().front());
  std::string padded = row.padded_line();
  if (padded == rows_[index].line) return;
  rows_[index].line = mended_.emplace_back(std::move(padded));
}

std::string PointsBlock::table(std::span<const double> outputs) const {
  const std::size_t columns = rows_.empty() ? 0 : outputs.size() / rows_.size();
  fmt::memory_buffer text;
  text.reserve(text_.size() + 20 * outputs.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    text.append(rows_[i].line);
    for (const double value : outputs.subspan(i * columns, columns))
      append(text, rows_[i].bad ? std::nan("") : value);
    text.push_back('\n');
  }
  return fmt::to_string(text);
}

}  // namespace nuphi::runner
