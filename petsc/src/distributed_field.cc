#include <nuphi/petsc/distributed_field.h>
#include <nuphi/petsc/environment.h>

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "messages.h"

namespace nuphi::petsc {
namespace {

constexpr Eigen::Index kLargest = std::numeric_limits<int>::max();

void append(DistributedField& rows, Eigen::Index column, double mean, double variance) {
  rows.columns.push_back(static_cast<int>(column));
  rows.mean.push_back(mean);
  rows.variance.push_back(variance);
}

/// The entries of a row, its diagonal always among them.
void append_row(DistributedField& rows, const Coupling& coupling, Eigen::Index i) {
  bool diagonal = false;
  coupling.for_each_source(i, [&](Eigen::Index j, const Eigen::VectorXd& values) {
    if (!diagonal && j > i) append(rows, i, 0, 0);
    diagonal = diagonal || j >= i;
    append(rows, j, values[MeanField::kMean], values[MeanField::kVariance]);
  });
  if (!diagonal) append(rows, i, 0, 0);
}

void append_rows(DistributedField& rows, const Coupling& coupling, Eigen::Index last) {
  for (Eigen::Index i = rows.first; i < last; ++i) {
    append_row(rows, coupling, i);
    if (static_cast<Eigen::Index>(rows.columns.size()) > kLargest) {
      throw std::invalid_argument("more than 2^31 - 1 connections on one rank: use more ranks");
    }
    rows.row_begin.push_back(static_cast<int>(rows.columns.size()));
  }
}

Eigen::Index share_begin(Eigen::Index n, Eigen::Index rank) {
  const Eigen::Index size = ranks();
  return rank * (n / size) + std::min(rank, n % size);
}

/// What the arrays of a block are long.
struct Lengths {
  Eigen::Index size = 0, first = 0, rows = 0, entries = 0;
  Correction correction = Correction::kShift;
};

Lengths lengths_of(const DistributedField& field) {
  return {field.size, field.first, field.rows(), static_cast<Eigen::Index>(field.columns.size()),
          field.correction};
}

DistributedField sized(const Lengths& lengths) {
  DistributedField field;
  field.size = lengths.size;
  field.first = lengths.first;
  field.correction = lengths.correction;
  field.neurons.resize(lengths.rows);
  field.row_begin.resize(lengths.rows + 1);
  field.columns.resize(lengths.entries);
  field.mean.resize(lengths.entries);
  field.variance.resize(lengths.entries);
  field.external_mean.resize(lengths.rows);
  field.external_variance.resize(lengths.rows);
  return field;
}

template <typename Field, typename Function>
void for_each_array(Field& field, Function function) {
  function(std::span(field.neurons));
  function(std::span(field.row_begin));
  function(std::span(field.columns));
  function(std::span(field.mean));
  function(std::span(field.variance));
  function(std::span(field.external_mean.data(), field.rows()));
  function(std::span(field.external_variance.data(), field.rows()));
}

void send_block(const DistributedField& block, int to) {
  const Lengths lengths = lengths_of(block);
  send(std::span(&lengths, 1), to);
  for_each_array(block, [to](auto values) { send(values, to); });
}

DistributedField receive_block(int from) {
  Lengths lengths;
  receive(std::span(&lengths, 1), from);
  DistributedField block = sized(lengths);
  for_each_array(block, [from](auto values) { receive(values, from); });
  return block;
}

void append_block(DistributedField& all, const DistributedField& block) {
  const int offset = all.row_begin.back();
  if (static_cast<Eigen::Index>(block.columns.size()) > kLargest - offset) {
    throw std::invalid_argument("more than 2^31 - 1 connections: they do not fit on one rank");
  }
  for (std::size_t i = 1; i < block.row_begin.size(); ++i) {
    all.row_begin.push_back(offset + block.row_begin[i]);
  }
  const auto add = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  add(all.neurons, block.neurons);
  add(all.columns, block.columns);
  add(all.mean, block.mean);
  add(all.variance, block.variance);
  const Eigen::Index rows = all.rows();
  all.external_mean.conservativeResize(rows + block.rows());
  all.external_variance.conservativeResize(rows + block.rows());
  all.external_mean.tail(block.rows()) = block.external_mean;
  all.external_variance.tail(block.rows()) = block.external_variance;
}

}  // namespace

DistributedField rows_of(const MeanField& field, Eigen::Index first, Eigen::Index last) {
  require_one_tau_syn(field, "a distributed solve is");
  if (field.size() > kLargest) throw std::invalid_argument("more than 2^31 - 1 populations");
  if (first < 0 || last < first || last > field.size()) {
    throw std::invalid_argument(
        fmt::format("rows {} to {} of a network of {}", first, last, field.size()));
  }
  DistributedField rows;
  rows.size = field.size();
  rows.first = first;
  rows.correction = correction_of(field);
  for (Eigen::Index i = first; i < last; ++i) rows.neurons.push_back(field.lif(i).neuron);
  rows.external_mean = field.external_mean().segment(first, last - first);
  rows.external_variance = field.external_variance().segment(first, last - first);
  rows.row_begin.reserve(last - first + 1);
  if (field.coupling.kernels() != nullptr) {
    throw std::invalid_argument(
        "a distributed solve needs a dense or sparse coupling: this network has another");
  }
  append_rows(rows, field.coupling, last);
  return rows;
}

MeanField whole(const DistributedField& field) {
  if (field.first != 0 || field.rows() != field.size) {
    throw std::invalid_argument(fmt::format("the block holds {} rows from {}, the network {}",
                                            field.rows(), field.first, field.size));
  }
  const Eigen::Index n = field.size;
  const auto matrix = [&](const std::vector<double>& values) -> SparseRows {
    return Eigen::Map<const SparseRows>(n, n, static_cast<Eigen::Index>(values.size()),
                                        field.row_begin.data(), field.columns.data(),
                                        values.data());
  };
  MeanField all;
  for (Eigen::Index i = 0; i < n; ++i) all.names.push_back(fmt::format("{}", i));
  all.nodes = lif_nodes(field.neurons, field.correction);
  all.coupling = Coupling::sparse({matrix(field.mean), matrix(field.variance)});
  all.external.resize(n, 2);
  all.external << field.external_mean, field.external_variance;
  return all;
}

DistributedField scatter(const MeanField* field) {
  if (rank() != 0) {
    if (from_root(0) == 0) throw std::invalid_argument("rank 0 refused the network");
    return receive_block(0);
  }
  bool sound = false;
  try {
    const Eigen::Index n = field->size();
    DistributedField own = rows_of(*field, 0, share_begin(n, 1));
    sound = true;
    (void)from_root(1);
    for (int r = 1; r < ranks(); ++r) {
      send_block(rows_of(*field, share_begin(n, r), share_begin(n, r + 1)), r);
    }
    return own;
  } catch (const std::exception&) {
    if (!sound) (void)from_root(0);
    throw;
  }
}

DistributedField gather(const DistributedField& field) {
  if (rank() != 0) {
    send_block(field, 0);
    return {};
  }
  DistributedField all = field;
  for (int r = 1; r < ranks(); ++r) append_block(all, receive_block(r));
  return all;
}

}  // namespace nuphi::petsc
