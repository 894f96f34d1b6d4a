#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <stop_token>

namespace nuphi::python {

/// Ctrl-C during a long call: asks Python for signals every 50 ms, from a callback of the solver
/// that runs without the GIL.
class Interrupt {
 public:
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  void poll() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(50)) return;
    last_ = now;
    const pybind11::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() == 0) return;
    PyErr_Clear();  // the result says "interrupted"
    source_.request_stop();
  }

 private:
  std::stop_source source_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace nuphi::python
