// What all bindings share: numbers from Python, arrays to Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <nuphi/core/eigen.h>

#include <optional>
#include <string_view>
#include <vector>

namespace nuphi::python {

namespace py = pybind11;

/// A number in SI from a float, an int, a text with unit ("10 ms") or a quantity of Brian2 or pint,
/// whose dimension is checked. @param dimension  "V", "s", "Hz", …
[[nodiscard]] double number(const py::object& value, const char* dimension);
/// The same for arrays: contiguous doubles of any shape.
[[nodiscard]] py::array_t<double> numbers(const py::object& value, const char* dimension);
[[nodiscard]] Eigen::VectorXd vector(const py::object& value, const char* dimension);

/// A read-only array that owns the data moved into it.
template <class Matrix>
py::array to_numpy(Matrix matrix) {
  using Scalar = typename Matrix::Scalar;
  auto* owned = new Matrix(std::move(matrix));
  const py::capsule owner(owned, [](void* p) { delete static_cast<Matrix*>(p); });
  std::vector<py::ssize_t> shape, strides;
  if constexpr (Matrix::IsVectorAtCompileTime) {
    shape = {owned->size()};
    strides = {static_cast<py::ssize_t>(sizeof(Scalar))};
  } else {
    shape = {owned->rows(), owned->cols()};
    strides = {static_cast<py::ssize_t>(sizeof(Scalar)) * owned->rowStride(),
               static_cast<py::ssize_t>(sizeof(Scalar)) * owned->colStride()};
  }
  py::array_t<Scalar> result(shape, strides, owned->data(), owner);
  result.attr("flags").attr("writeable") = false;
  return result;
}

template <class T>
py::object optional(const std::optional<T>& value) {
  return value ? py::cast(*value) : py::none();
}

void bind_core(py::module_& m);
void bind_models(py::module_& m);
void bind_rates(py::module_& m);
void bind_analysis(py::module_& m);
void bind_branches(py::module_& m);
void bind_fit(py::module_& m);

}  // namespace nuphi::python
