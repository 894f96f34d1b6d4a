#pragma once

#include <string>
#include <string_view>

namespace nuphi::runner {

/// Text fit for a terminal: control characters (C0 but line ends and tabs, DEL, C1), marks that
/// turn the direction of writing, and bytes that are no UTF-8 are shown as \x1b, \u202e.
[[nodiscard]] std::string printable(std::string_view text);

/// The same on one line: for names, which may hold anything.
[[nodiscard]] std::string one_line(std::string_view text);

/// printable() on standard output. @throws FileError when that is full or closed.
void print_out(std::string_view text);
/// printable() on standard error.
void print_error(std::string_view text);

/// What standard output still holds is written. @throws FileError
void flush_out();

}  // namespace nuphi::runner
