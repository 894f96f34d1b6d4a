// The program as tests call it.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/process.h"

namespace nuphi::test {

inline ProcessResult nuphi(const std::string& arguments) {
  return run_shell("'" NUPHI_PROGRAM "' " + arguments);
}

/// What a command that is to succeed writes as JSON.
inline nlohmann::json json_of(const std::string& arguments) {
  const ProcessResult result = nuphi(arguments + " --output -");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out);
}

}  // namespace nuphi::test
