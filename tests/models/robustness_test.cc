#include <gtest/gtest.h>
#include <nuphi/models/yaml.h>

#include <chrono>
#include <string>
#include <vector>

#include "models/support.h"

namespace nuphi {
namespace {

using test::codes_of;
using Codes = std::vector<std::string>;

Codes codes(const std::string& text) {
  return codes_of([&] { (void)ModelFile::parse(text); });
}

/// Text that makes recursive readers overflow their stack.
std::string repeated(const std::string& unit, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += unit;
  return text;
}

TEST(HostileText, NestingIsLimitedNotRecursedInto) {
  constexpr int kDeep = 200000;
  for (const char* unit :
       {"[", "{", "{a: ", "[{a: ", "- ", "? ", "- - ? ", "!!seq [", "&a [", "[[],"}) {
    const Codes found = codes("name: " + repeated(unit, kDeep));
    EXPECT_FALSE(found.empty()) << unit;
    EXPECT_FALSE(codes(repeated(unit, kDeep)).empty()) << unit;
  }
  std::string stairs;
  for (int i = 0; i < 2000; ++i) stairs += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(codes(stairs), Codes{"too-deep"});
}

TEST(HostileText, AliasesDoNotExplode) {
  std::string text = "a: &a [x, x]\n";
  for (char c = 'b'; c <= 'z'; ++c) {
    text += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + ", *" +
            static_cast<char>(c - 1) + "]\n";
  }
  EXPECT_FALSE(codes(text).empty());
}

TEST(HostileText, FaultsAreCutOffNotEndless) {
  std::string text = "schema: nuphi/1\n";
  for (int i = 0; i < 5000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const Codes found = codes(text);
  EXPECT_EQ(found.size(), 100U);
}

TEST(HostileText, ManyDuplicatesAreFoundFast) {
  std::string text = "schema: nuphi/1\nparameters:\n";
  for (int i = 0; i < 100000; ++i) text += "  p" + std::to_string(i % 50000) + ": 1\n";
  EXPECT_EQ(codes(text).size(), 100U);
}

TEST(HostileText, AShortTextCannotAskForMoreThanFitsIntoMemory) {
  std::string text = "schema: nuphi/1\n" + test::Sections().neuron + "populations:\n";
  for (int i = 0; i < 3000; ++i) text += "  - {name: P" + std::to_string(i) + "}\n";
  EXPECT_EQ(codes(text + "connections: [{from: all, to: all, indegree: 1, weight: 1 mV}]\n"),
            Codes{"too-large"});
  std::string inputs = "inputs:\n";
  for (int i = 0; i < 2000; ++i) inputs += "  - {to: all, dc: {drive: 1 mV}}\n";
  EXPECT_EQ(codes(text + inputs).front(), "too-large");
}

TEST(HostileText, ControlCharactersDoNotReachTheMessage) {
  for (const std::string& text : {std::string("n\x1b[31mame: 3\n"), std::string("a\0b: 3\n", 7),
                                  std::string("\xff\xfe"
                                              "a\0:\0",
                                              6),
                                  std::string("a: \x7f\n"), std::string("a: b\rc: d\n")}) {
    EXPECT_EQ(codes(text), Codes{"not-text"});
  }
  try {
    (void)ModelFile::parse("schema: \"nuphi\\x1b[31m\\n\"\n");
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
  }
}

TEST(HostileText, LongLinesAreShortened) {
  const std::string line =
      "schema: nuphi/1\n" + std::string(100000, 'k') + ": " + std::string(100000, 'v') + "\n";
  try {
    (void)ModelFile::parse(line);
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_LT(std::string(error.what()).size(), 2000U);
  }
}

TEST(HostileText, CutOffModelsAreFaultsNotCrashes) {
  std::string text = test::model_text({});
  text += "solve: {find: all}\nexpect: {fixed_points: [{rates: [1 Hz, \"2 Hz\"]}]}\n";
  for (std::size_t length = 0; length < text.size(); ++length) {
    (void)codes(text.substr(0, length));
  }
}

TEST(HostileText, EveryByteInEveryPlaceIsAFaultOrAModel) {
  const std::string text = test::model_text({});
  std::string changed = text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'\0', ' ', '\n', '\t', ':', '-', '[', '}', '"', '\'', '&', '*', '!', '#',
                         '=', '0', '\xff'}) {
      changed[i] = c;
      (void)codes(changed);
    }
    changed[i] = text[i];
  }
}

}  // namespace
}  // namespace nuphi
