// The machine-readable schema and the ready examples say what the program does.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "scenario/scenario.hpp"

namespace stack::scenario {
namespace {

std::filesystem::path scenarios_folder() {
  const char* source = std::getenv("STACK_SOURCE_DIR");
  return std::filesystem::path{source == nullptr ? "." : source} / "examples" / "scenarios";
}

std::string schema_text() {
  std::ifstream in{scenarios_folder() / "scenario.schema.json"};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> names_of(simdjson::dom::array values) {
  std::set<std::string> names;
  for (const auto value : values) names.emplace(std::string_view{value});
  return names;
}

TEST(Schema, HasTheKindsFieldsAndRangesOfTheProgram) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(schema_text()).get(root), simdjson::SUCCESS);
  const simdjson::dom::object definitions = root["$defs"];
  EXPECT_EQ(definitions.size(), kinds().size());
  for (const KindSpec& kind : kinds()) {
    const simdjson::dom::element definition = definitions[kind.name];
    std::set<std::string> required{"kind"};
    required.insert(kind.required.begin(), kind.required.end());
    EXPECT_EQ(names_of(definition["required"]), required) << kind.name;
    std::set<std::string> known{"kind", "symbols", "date", "session"};
    known.insert(kind.required.begin(), kind.required.end());
    known.insert(kind.optional.begin(), kind.optional.end());
    std::set<std::string> properties;
    for (const auto& [name, property] : simdjson::dom::object(definition["properties"])) {
      properties.emplace(name);
      const FieldSpec* field = find_field(kind, name);
      ASSERT_NE(field, nullptr) << kind.name << ' ' << name;
      if (field->form != FieldForm::number && field->form != FieldForm::whole) continue;
      EXPECT_EQ(double(property["minimum"]), field->least) << kind.name << ' ' << name;
      EXPECT_EQ(double(property["maximum"]), field->most) << kind.name << ' ' << name;
    }
    EXPECT_EQ(properties, known) << kind.name;
    const bool may_do_without = definition["oneOf"].error() != simdjson::SUCCESS;
    EXPECT_EQ(may_do_without, kind.whole_feed) << kind.name;
  }
}

TEST(Schema, NamesTheFormsOfDamage) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(schema_text()).get(root), simdjson::SUCCESS);
  std::set<std::string> names;
  for (const FormName& form : malformations()) names.emplace(form.name);
  EXPECT_EQ(names_of(root["$defs"]["malformed"]["properties"]["forms"]["items"]["enum"]), names);
}

TEST(Examples, AreRead) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator{scenarios_folder()}) {
    if (entry.path().extension() != ".toml") continue;
    const auto scenario = Scenario::load(entry.path().string());
    EXPECT_TRUE(scenario) << scenario.error().message;
    ++found;
  }
  EXPECT_EQ(found, 4U);
}

}  // namespace
}  // namespace stack::scenario
