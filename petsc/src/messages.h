#pragma once

#include <mpi.h>
#include <petscsys.h>

#include <algorithm>
#include <cstddef>
#include <span>

// Arrays between ranks, in pieces that MPI's int counts can name.
namespace nuphi::petsc {

inline constexpr std::size_t kPiece = std::size_t{1} << 28U;  // bytes

template <typename T>
void send(std::span<const T> values, int to) {
  const auto bytes = std::as_bytes(values);
  for (std::size_t begin = 0; begin < bytes.size(); begin += kPiece) {
    const std::size_t length = std::min(kPiece, bytes.size() - begin);
    MPI_Send(bytes.data() + begin, static_cast<int>(length), MPI_BYTE, to, 0, PETSC_COMM_WORLD);
  }
}

template <typename T>
void receive(std::span<T> values, int from) {
  const auto bytes = std::as_writable_bytes(values);
  for (std::size_t begin = 0; begin < bytes.size(); begin += kPiece) {
    const std::size_t length = std::min(kPiece, bytes.size() - begin);
    MPI_Recv(bytes.data() + begin, static_cast<int>(length), MPI_BYTE, from, 0, PETSC_COMM_WORLD,
             MPI_STATUS_IGNORE);
  }
}

inline double max_over_ranks(double value) {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  return value;
}

}  // namespace nuphi::petsc
