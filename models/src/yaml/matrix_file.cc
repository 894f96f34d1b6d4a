#include "matrix_file.h"

#include <nuphi/core/file.h>

#include <optional>

#include "faults.h"

namespace nuphi::loader {

std::vector<double> FileMatrix::dense() const {
  if (!sparse) return values;
  std::vector<double> full(static_cast<std::size_t>(rows) * columns, 0.0);
  for (const Entry& e : entries)
    full[static_cast<std::size_t>(e.row) * columns + e.column] = e.value;
  return full;
}

Outcome<FileMatrix> read_matrix_file(const std::filesystem::path& directory,
                                     const std::string& name, int exponent) {
  const std::filesystem::path path = directory / name;
  const std::string extension = path.extension().string();
  if (extension.starts_with(".h5:") || name.find(".h5:") != std::string::npos ||
      extension == ".h5") {
    return TextFault{"unsupported-file", cited(name) + ": this build reads no HDF5 files",
                     "write the matrix as .npy or .csv"};
  }
  if (extension != ".csv" && extension != ".npy" && extension != ".mtx") {
    return TextFault{"unsupported-file",
                     cited(name) + " is of no known type; .csv, .npy and .mtx are read", ""};
  }
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return TextFault{"missing-file", "there is no file " + cited(name),
                     "names are relative to the folder of the model file"};
  }
  if (std::filesystem::is_directory(path, error))
    return TextFault{"missing-file", cited(name) + " is a folder", ""};
  constexpr std::size_t kLargest = std::size_t{1} << 30U;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const std::optional<std::string> text = read_file(path, regular ? kLargest : kLargestFile);
  if (!text) return TextFault{"too-large", cited(name) + " is larger than 1 GiB, or endless", ""};
  Outcome<FileMatrix> matrix = extension == ".csv"   ? read_csv(*text, exponent)
                               : extension == ".npy" ? read_npy(*text, exponent)
                                                     : read_mtx(*text, exponent);
  if (!matrix.value) matrix.fault.message = cited(name) + ": " + matrix.fault.message;
  return matrix;
}

}  // namespace nuphi::loader
