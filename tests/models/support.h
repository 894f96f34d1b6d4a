#pragma once

#include <gtest/gtest.h>
#include <nuphi/core/error.h>
#include <nuphi/models/network.h>
#include <nuphi/models/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

/// What the tests of models/ share.
namespace nuphi::test {

inline std::string example_path(const std::string& name) {
  return std::string(NUPHI_SOURCE_DIR) + "/examples/models/" + name;
}
inline std::string data_path(const std::string& name) {
  return std::string(NUPHI_TEST_DATA) + "/" + name;
}

/// Compares a text with a file of the source tree; with NUPHI_UPDATE_GOLDEN=1 in the environment
/// the file is written.
inline void expect_golden(const std::string& path, const std::string& text) {
  if (std::getenv("NUPHI_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream stream(path, std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(stream), {}};
  if (text == golden) return;
  const auto place = std::mismatch(text.begin(), text.end(), golden.begin(), golden.end());
  const std::string now(place.first, std::find(place.first, text.end(), '\n'));
  const std::string then(place.second, std::find(place.second, golden.end(), '\n'));
  ADD_FAILURE() << path << " differs first at\n  " << now << "\ninstead of\n  " << then;
}

/// Codes of the faults that a call throws; empty if it throws none.
template <class Call>
std::vector<std::string> codes_of(Call call) {
  std::vector<std::string> codes;
  try {
    call();
  } catch (const ModelError& error) {
    for (const Diagnostic& d : error.diagnostics()) codes.push_back(d.code);
  }
  return codes;
}

/// Sections of a small sound model, each replaceable.
struct Sections {
  std::string head = "schema: nuphi/1\n";
  std::string parameters;
  std::string neuron =
      "neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}\n";
  std::string populations =
      "populations:\n"
      "  - {name: E, kind: excitatory, size: 800}\n"
      "  - {name: I, kind: inhibitory, size: 200}\n";
  std::string connections =
      "connections:\n"
      "  - {from: E, to: all, indegree: 80, weight: 0.1 mV}\n"
      "  - {from: I, to: all, indegree: 20, weight: -0.5 mV}\n";
  std::string inputs =
      "inputs:\n  - {to: all, poisson: {indegree: 80, rate: 12 Hz, weight: 0.1 mV}}\n";
  std::string rest;
};
inline std::string model_text(const Sections& s) {
  return s.head + s.parameters + s.neuron + s.populations + s.connections + s.inputs + s.rest;
}
inline Model parse_model(const Sections& sections) {
  return ModelFile::parse(model_text(sections)).resolve();
}

inline const char* const kExponentialNeuron =
    "neuron: {model: lif_exp, tau_m: 10 ms, t_ref: 2 ms, V_th: 15 mV, V_reset: 0 mV, C_m: 250 pF,"
    " tau_syn_ex: 0.5 ms, tau_syn_in: 0.5 ms}\n";

}  // namespace nuphi::test
