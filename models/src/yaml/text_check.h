#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace nuphi::loader {

class Faults;

inline constexpr std::size_t kLargestModel = std::size_t{64} << 20U;  // [bytes]
void report_too_large(Faults& faults);

/// The lines of a text one after the other, without their LF or CRLF: a file of nothing but line
/// ends takes no more memory than its bytes.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  /// Nothing at the end.
  std::optional<std::string_view> next();
  [[nodiscard]] int number() const { return number_; }  ///< of the line next() gave, from 1

 private:
  std::string_view rest_;
  int number_ = 0;
};

/// What must hold before a YAML parser may see the text: UTF-8, no control characters, spaces for
/// indentation, a sane size.
/// @return false when reading must stop
bool check_text(std::string_view text, Faults& faults);

}  // namespace nuphi::loader
