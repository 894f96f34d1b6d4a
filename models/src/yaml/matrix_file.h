#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quantity.h"

namespace nuphi::loader {

/// A matrix read from a file; finite numbers only.
struct FileMatrix {
  struct Entry {
    int row = 0;
    int column = 0;
    double value = 0;
  };
  int rows = 0;
  int columns = 0;
  bool sparse = false;
  std::vector<double> values;  ///< dense: by rows
  std::vector<Entry> entries;  ///< sparse: sorted by row and column, no duplicates

  [[nodiscard]] std::vector<double> dense() const;
};

/// By extension: .csv, .npy, .mtx. @param exponent  power of ten of the unit
/// @throws FileError when a file that is there cannot be read
Outcome<FileMatrix> read_matrix_file(const std::filesystem::path& directory,
                                     const std::string& name, int exponent);

Outcome<FileMatrix> read_csv(std::string_view content, int exponent);
Outcome<FileMatrix> read_npy(std::string_view content, int exponent);
Outcome<FileMatrix> read_mtx(std::string_view content, int exponent);

}  // namespace nuphi::loader
