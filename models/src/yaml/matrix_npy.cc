#include "matrix_file.h"

namespace nuphi::loader {
Outcome<FileMatrix> read_npy(std::string_view, int) {
  return TextFault{"unsupported-file", "not yet", ""};
}
}  // namespace nuphi::loader
