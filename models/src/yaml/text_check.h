#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nuphi::loader {

class Faults;

/// Lines without their LF or CRLF.
std::vector<std::string> split_lines(std::string_view text);

/// What must hold before a YAML parser may see the text: UTF-8, no control characters, spaces for
/// indentation, a sane size.
/// @return false when reading must stop
bool check_text(std::string_view text, Faults& faults);

}  // namespace nuphi::loader
