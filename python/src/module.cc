#include <nuphi/core/error.h>
#include <nuphi/core/version.h>

#include "convert.h"

namespace nuphi::python {
namespace {

py::list diagnostics_of(const ModelError& error) {
  py::list list;
  for (const Diagnostic& d : error.diagnostics()) {
    list.append(py::dict(py::arg("code") = d.code, py::arg("path") = d.path,
                         py::arg("file") = d.file, py::arg("line") = d.line,
                         py::arg("column") = d.column, py::arg("message") = d.message,
                         py::arg("hint") = d.hint));
  }
  return list;
}

void raise(const char* name, const char* what, const py::object& details) {
  const py::object type = py::module_::import("nuphi.errors").attr(name);
  const py::object error = details.is_none() ? type(what) : type(what, details);
  PyErr_SetObject(type.ptr(), error.ptr());
}

void translate(std::exception_ptr pointer) {
  try {
    if (pointer) std::rethrow_exception(pointer);
  } catch (const ModelError& error) {
    raise("ModelError", error.what(), diagnostics_of(error));
  } catch (const FileError& error) {
    raise("FileError", error.what(), py::none());
  }
}

/// Numbers without a unit, which need no look: real, and no subclass of numpy's array.
bool is_plain_array(const py::object& value) {
  if (reinterpret_cast<PyObject*>(Py_TYPE(value.ptr())) !=
      reinterpret_cast<PyObject*>(py::detail::npy_api::get().PyArray_Type_))
    return false;
  const char kind = py::reinterpret_borrow<py::array>(value).dtype().kind();
  return kind == 'f' || kind == 'i' || kind == 'u';
}

py::object converted(const py::object& value, const char* dimension) {
  static const auto* const convert =
      new py::object(py::module_::import("nuphi.quantities").attr("in_si"));
  return (*convert)(value, dimension);
}

}  // namespace

double number(const py::object& value, const char* dimension) {
  if (PyFloat_Check(value.ptr())) return PyFloat_AS_DOUBLE(value.ptr());
  return converted(value, dimension).cast<double>();
}

py::array_t<double> numbers(const py::object& value, const char* dimension) {
  return py::array_t<double, py::array::c_style | py::array::forcecast>(
      is_plain_array(value) ? value : converted(value, dimension));
}

Eigen::VectorXd vector(const py::object& value, const char* dimension) {
  const auto array = numbers(value, dimension);
  return Eigen::Map<const Eigen::VectorXd>(array.data(), array.size());
}

}  // namespace nuphi::python

PYBIND11_MODULE(_core, m) {
  using namespace nuphi::python;
  m.doc() = "The compiled part of nuphi; import nuphi instead.";
  py::register_exception_translator(&translate);
  m.attr("version") = std::string(nuphi::version());
  bind_core(m);
  bind_models(m);
  bind_rates(m);
  bind_analysis(m);
  bind_branches(m);
  bind_fit(m);
}
