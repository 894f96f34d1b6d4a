#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "faults.h"
#include "matrix_file.h"

namespace nuphi::loader {
namespace {

static_assert(std::endian::native == std::endian::little, "npy values are read in place");

TextFault bad(std::string message, std::string hint = {}) {
  return {"bad-matrix", std::move(message), std::move(hint)};
}

/// Text of a key's value in the header, a Python dict: "{'descr': '<f8', 'fortran_order': False,
/// …}".
std::string_view header_value(std::string_view header, std::string_view key) {
  const std::string name = fmt::format("'{}'", key);
  const std::size_t at = header.find(name);
  if (at == std::string_view::npos) return {};
  const std::size_t start = header.find_first_not_of(" :", at + name.size());
  return start == std::string_view::npos ? std::string_view() : header.substr(start);
}

/// "(3, 4)" or "(5,)", a row; false for other shapes.
bool read_shape(std::string_view text, FileMatrix& matrix) {
  constexpr long kLargest = 100'000'000;
  if (!text.starts_with('(')) return false;
  std::vector<long> sizes;
  for (const char c : text.substr(1)) {
    if (c == ')') break;
    if (c >= '0' && c <= '9') {
      if (sizes.empty()) sizes.push_back(0);
      sizes.back() = 10 * sizes.back() + (c - '0');
      if (sizes.back() > kLargest) return false;
    } else if (c == ',') {
      sizes.push_back(0);
    } else if (c != ' ') {
      return false;
    }
  }
  const bool row = sizes.size() == 2 && text.find(",)") != std::string_view::npos;
  if (sizes.size() != 2) return false;
  matrix.rows = row ? 1 : static_cast<int>(sizes[0]);
  matrix.columns = static_cast<int>(row ? sizes[0] : sizes[1]);
  return matrix.rows > 0 && matrix.columns > 0;
}

template <class T>
double item(std::string_view data, std::size_t index) {
  T value;
  std::memcpy(&value, data.data() + index * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

struct ItemType {
  std::string_view code;
  std::size_t size;
  double (*read)(std::string_view, std::size_t);
};
constexpr ItemType kItemTypes[] = {{"<f8", 8, item<double>},        {"<f4", 4, item<float>},
                                   {"<i8", 8, item<std::int64_t>},  {"<i4", 4, item<std::int32_t>},
                                   {"<i2", 2, item<std::int16_t>},  {"|i1", 1, item<std::int8_t>},
                                   {"<u8", 8, item<std::uint64_t>}, {"<u4", 4, item<std::uint32_t>},
                                   {"<u2", 2, item<std::uint16_t>}, {"|u1", 1, item<std::uint8_t>}};

struct Parts {
  std::string_view header;
  std::string_view data;
};

/// Magic string, version, length of the header, header, data.
std::optional<Parts> split(std::string_view content) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  constexpr std::size_t kFixed = 8;
  if (!content.starts_with(kMagic) || content.size() < kFixed + 2) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(content[i]); };
  const bool short_length = byte(6) == 1;
  const std::size_t start = kFixed + (short_length ? 2 : 4);
  if (byte(6) < 1 || byte(6) > 3 || content.size() < start) return std::nullopt;
  std::size_t length = byte(8) | static_cast<std::size_t>(byte(9)) << 8U;
  if (!short_length) {
    length |= static_cast<std::size_t>(byte(10)) << 16U | static_cast<std::size_t>(byte(11)) << 24U;
  }
  if (content.size() - start < length) return std::nullopt;
  return Parts{content.substr(start, length), content.substr(start + length)};
}

/// Powers of ten up to 22 are exact, so that one operation rounds once.
double scaled(double value, int exponent) {
  return exponent < 0 ? value / std::pow(10.0, -exponent) : value * std::pow(10.0, exponent);
}

}  // namespace

Outcome<FileMatrix> read_npy(std::string_view content, int exponent) {
  const std::optional<Parts> parts = split(content);
  if (!parts) return bad("not a .npy file");
  const std::string_view descr = header_value(parts->header, "descr");
  const ItemType* type = nullptr;
  for (const ItemType& known : kItemTypes) {
    if (descr.starts_with(fmt::format("'{}'", known.code))) type = &known;
  }
  if (type == nullptr) {
    return bad("the item type " + cited(descr.substr(0, descr.find(','))) + " is not read",
               "little-endian numbers are: numpy.save(name, array.astype('<f8'))");
  }
  FileMatrix matrix;
  if (!read_shape(header_value(parts->header, "shape"), matrix)) {
    return bad("the array has not one or two dimensions, or no entries");
  }
  const std::size_t count = static_cast<std::size_t>(matrix.rows) * matrix.columns;
  if (parts->data.size() / type->size < count || parts->data.size() != count * type->size) {
    return bad("the file is truncated, or longer than its header says");
  }
  const bool by_columns = header_value(parts->header, "fortran_order").starts_with("True");
  matrix.values.resize(count);
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t row = by_columns ? k % matrix.rows : k / matrix.columns;
    const std::size_t column = by_columns ? k / matrix.rows : k % matrix.columns;
    const double value = scaled(type->read(parts->data, k), exponent);
    if (!std::isfinite(value)) {
      return bad("entry [" + std::to_string(row) + ", " + std::to_string(column) +
                 "] is not finite");
    }
    matrix.values[row * matrix.columns + column] = value;
  }
  return matrix;
}

}  // namespace nuphi::loader
