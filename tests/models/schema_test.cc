#include <gtest/gtest.h>
#include <nuphi/models/schema.h>

#include <set>
#include <string>
#include <utility>

#include "models/support.h"

namespace nuphi {
namespace {

TEST(Schema, NamesEachKeyOnce) {
  std::set<std::pair<std::string_view, std::string_view>> keys;
  for (const SchemaKey& key : schema()) {
    EXPECT_TRUE(keys.emplace(key.section, key.key).second) << key.section << " " << key.key;
    EXPECT_EQ(schema_key(key.section, key.key), &key);
    EXPECT_FALSE(key.doc.empty()) << key.section << " " << key.key;
    EXPECT_EQ(key.type == SchemaType::kChoice, !key.allowed.empty()) << key.key;
    EXPECT_FALSE(key.required && !key.fallback.empty()) << key.key;
  }
  EXPECT_EQ(schema_key("neuron", "tau"), nullptr);
}

TEST(Schema, DefaultsReadAsTheirTypes) {
  for (const SchemaKey& key : schema()) {
    if (key.fallback.empty()) continue;
    const char* unit = key.type == SchemaType::kVoltage ? "V"
                       : key.type == SchemaType::kTime  ? "s"
                       : key.type == SchemaType::kRate  ? "Hz"
                                                        : "1";
    if (key.type == SchemaType::kChoice) {
      EXPECT_NE(key.allowed.find(key.fallback), std::string_view::npos) << key.key;
    } else if (key.type == SchemaType::kBoolean) {
      EXPECT_TRUE(key.fallback == "true" || key.fallback == "false") << key.key;
    } else {
      EXPECT_NO_THROW((void)parse_quantity(key.fallback, unit)) << key.key;
    }
  }
}

TEST(Schema, EveryKeyIsInTheDocumentation) {
  const std::string text = schema_markdown();
  for (const SchemaKey& key : schema()) {
    EXPECT_NE(text.find("| `" + std::string(key.key) + "` |"), std::string::npos) << key.key;
  }
}

// NUPHI_UPDATE_GOLDEN=1 writes the file anew.
TEST(Schema, DocumentationIsUpToDate) {
  test::expect_golden(std::string(NUPHI_SOURCE_DIR) + "/docs/model-format.md", schema_markdown());
}

}  // namespace
}  // namespace nuphi
