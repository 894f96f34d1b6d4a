#pragma once

#include <nuphi/core/export.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup basics
/// @{

/// Largest file that is read as a whole: 256 MiB.
inline constexpr std::size_t kLargestFile = std::size_t{256} << 20U;

/// The whole content of a file, a pipe or a device. A read error is not the end of the file: what
/// could not be read to its end is never returned.
/// @param path     file, pipe or device
/// @param largest  [bytes]; a source that never ends (a device, an endless pipe) is given up there
/// @return nothing when the file holds more than `largest`
/// @throws FileError when it cannot be opened or read, or is a folder
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path,
                                                   std::size_t largest = kLargestFile);

/// The same of an open descriptor, which stays open; `name` is what messages call it.
[[nodiscard]] std::optional<std::string> read_descriptor(int descriptor, const std::string& name,
                                                         std::size_t largest = kLargestFile);

/// @}
}  // namespace nuphi
