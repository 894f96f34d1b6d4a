#pragma once

#include <petscsys.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace nuphi::petsc {

/// Turns an error code of PETSc or SLEPc into an exception.
inline void call(PetscErrorCode code) {
  if (code == 0) return;
  const char* text = nullptr;
  PetscErrorMessage(code, &text, nullptr);
  throw std::runtime_error("PETSc: " + std::string(text != nullptr ? text : "error") + " (" +
                           std::to_string(static_cast<int>(code)) + ")");
}

/// Owns an object of PETSc.
template <typename T, PetscErrorCode (*destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  ~Handle() {
    if (object_ != nullptr) destroy(&object_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator T() const { return object_; }
  T* operator&() { return &object_; }

 private:
  T object_ = nullptr;
};

}  // namespace nuphi::petsc
