#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <future>
#include <stop_token>
#include <utility>

namespace nuphi::python {

/// Whether Ctrl-C was pressed. The result of the call then says "interrupted" instead of an
/// exception that would take it away. Signals reach Python's main thread only.
inline bool interrupted() {
  const pybind11::gil_scoped_acquire acquire;
  if (PyErr_CheckSignals() == 0) return false;
  PyErr_Clear();
  return true;
}

/// Ctrl-C during a call that runs on this thread without the GIL: looked for every 50 ms, from a
/// callback of the solver. A call of microseconds pays nothing for it.
class Interrupt {
 public:
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  void poll() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(50)) return;
    last_ = now;
    if (interrupted()) source_.request_stop();
  }

 private:
  std::stop_source source_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// A control that holds nothing but the wish to stop.
template <class Control>
Control stopped_by(std::stop_token stop) {
  Control control;
  control.stop = std::move(stop);
  return control;
}

/// Does `work` on a thread of its own, without the GIL, while this one waits for it and for Ctrl-C:
/// for calls that know a stop token but have no callback, or call back from several threads.
/// @param work  takes a std::stop_token; touches nothing of Python
template <class Work>
auto interruptible(const Work& work) {
  std::stop_source source;
  const pybind11::gil_scoped_release release;
  auto result = std::async(std::launch::async, [&] { return work(source.get_token()); });
  while (result.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
    if (interrupted()) source.request_stop();
  return result.get();
}

}  // namespace nuphi::python
