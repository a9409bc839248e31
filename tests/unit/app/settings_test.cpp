#include "app/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/names.hpp"
#include "app/options.hpp"

namespace stack::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream{folder_ / name} << text; }
  [[nodiscard]] Result<Settings> load(std::map<std::string, std::string> flags = {},
                                      const std::vector<std::string>& variables = {}) const {
    return Settings::load(std::move(flags), variables, folder_);
  }

  std::filesystem::path folder_ =
      std::filesystem::path{::testing::TempDir()} / ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(SettingsTest, TheFirstLayerThatSpeaksWins) {
  write(".env", "STACK_SEED=3\nSTACK_TOPIC=from-env-file\nSTACK_LIMIT=30\n");
  write("stack.toml", "seed = 4\ntopic = \"from-toml\"\nlimit = 40\nfrom = 2020-01-31\n");
  const auto settings = load({{"seed", "1"}}, {"STACK_SEED=2", "KAFKA_TOPIC=from-environment"});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->text("seed"), "1");
  EXPECT_EQ(settings->text("topic"), "from-environment");
  EXPECT_EQ(settings->text("limit"), "30");
  EXPECT_EQ(settings->text("from"), "2020-01-31");
  EXPECT_EQ(settings->text("table"), "ticks");
  EXPECT_FALSE(settings->given("table"));
}

TEST_F(SettingsTest, UnknownKeysAreErrorsThatNameThePlaceAndTheNearestName) {
  const auto variable = load({}, {"STACK_SEDE=1"});
  ASSERT_FALSE(variable);
  EXPECT_THAT(variable.error().message, HasSubstr("STACK_SEED"));

  write(".env", "# fine\n\nSTACK_FORMATT=parquet\n");
  const auto file = load();
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr(".env:3"));
  EXPECT_THAT(file.error().message, HasSubstr("STACK_FORMAT"));
  write(".env", "");

  write("stack.toml", "seed = 1\nrotat-age = \"5s\"\n");
  const auto toml = load();
  ASSERT_FALSE(toml);
  EXPECT_THAT(toml.error().message, HasSubstr("stack.toml:2"));
  EXPECT_THAT(toml.error().message, HasSubstr("rotate-age"));
}

TEST_F(SettingsTest, ANamedFileThatIsMissingIsAnError) {
  EXPECT_FALSE(load({{"env-file", (folder_ / "none").string()}}));
  EXPECT_FALSE(load({{"config", (folder_ / "none").string()}}));
}

TEST_F(SettingsTest, EnvFileLinesMayBeQuotedExportedAndCommented) {
  write(".env", "export STACK_TABLE=\"a b\"\nSTACK_TOPIC='t' # the topic\r\nSTACK_SEED= 9\nSTACK_FROM=\n");
  const auto settings = load();
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->text("table"), "a b");
  EXPECT_EQ(settings->text("topic"), "t");
  EXPECT_EQ(settings->text("seed"), "9");
  EXPECT_FALSE(settings->given("from"));
}

using Property = std::pair<std::string, std::string>;

TEST_F(SettingsTest, KafkaPropertiesComeFromATableOrRepeatedFlags) {
  write("stack.toml", "[kafka]\n\"client.rack\" = \"a\"\n\"linger.ms\" = 5\n");
  const auto from_table = load();
  ASSERT_TRUE(from_table) << from_table.error().message;
  EXPECT_THAT(from_table->kafka_properties(), ElementsAre(Property{"client.rack", "a"}, Property{"linger.ms", "5"}));
  write("stack.toml", "");
  const auto from_flags = load({{"kafka-property", "debug=broker,topic\nlinger.ms=3"}});
  ASSERT_TRUE(from_flags) << from_flags.error().message;
  EXPECT_THAT(from_flags->kafka_properties(),
              ElementsAre(Property{"debug", "broker,topic"}, Property{"linger.ms", "3"}));
}

TEST_F(SettingsTest, KafkaPropertiesMayBeNestedTables) {
  write("stack.toml",
        "[kafka]\nsasl.username = \"me\"\n[kafka.ssl]\nca.pem = \"\"\"a\nb\"\"\"\n[kafka.socket.keepalive]\nenable = "
        "true\n");
  const auto settings = load();
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_THAT(settings->kafka_properties(),
              testing::UnorderedElementsAre(Property{"sasl.username", "me"}, Property{"ssl.ca.pem", "a\nb"},
                                            Property{"socket.keepalive.enable", "true"}));
}

TEST_F(SettingsTest, EachKafkaPropertyIsWhatItsHighestLayerSays) {
  write(".env", "STACK_KAFKA_PROPERTY=linger.ms=2,client.rack=b,debug=broker,topic\n");
  write("stack.toml", "[kafka]\nlinger.ms = 1\nclient.rack = \"a\"\nsocket.timeout.ms = 4000\n");
  const auto settings = load({{"kafka-property", "linger.ms=3"}});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_THAT(settings->kafka_properties(),
              ElementsAre(Property{"socket.timeout.ms", "4000"}, Property{"client.rack", "b"},
                          Property{"debug", "broker,topic"}, Property{"linger.ms", "3"}));
}

TEST_F(SettingsTest, UnknownKafkaPropertiesAreErrorsWithTheNearestName) {
  write("stack.toml", "\n[kafka]\nsasl.pasword = \"hunter2\"\n");
  const auto table = load();
  ASSERT_FALSE(table);
  EXPECT_THAT(table.error().message, ::testing::StartsWith("stack.toml:3: "));
  EXPECT_THAT(table.error().message, HasSubstr("did you mean sasl.password?"));
  EXPECT_THAT(table.error().message, ::testing::Not(HasSubstr("hunter2")));
  write("stack.toml", "");
  const auto variable = load({}, {"STACK_KAFKA_PROPERTY=sasl.usernam=hunter2"});
  ASSERT_FALSE(variable);
  EXPECT_THAT(variable.error().message, ::testing::StartsWith("STACK_KAFKA_PROPERTY: "));
}

TEST_F(SettingsTest, LinesThatMayBeSecretsAreNotShown) {
  for (const auto* line : {"KAFKA_PASSWORD hunter2", "hunter2", "KAFKA_PASSWORD: hunter2"}) {
    write(".env", line);
    const auto refused = load();
    ASSERT_FALSE(refused) << line;
    EXPECT_THAT(refused.error().message, ::testing::Not(HasSubstr("hunter2"))) << line;
  }
}

TEST_F(SettingsTest, EnvFileValuesAreTakenAsTheyAreWritten) {
  write(
      ".env",
      "\xEF\xBB\xBF# a comment\r\n\r\n\texport\tSTACK_TABLE='a \"b\" # c'\t# d\nSTACK_TOPIC=a#b\nSTACK_FROM= # none\n");
  const auto settings = load();
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->text("table"), "a \"b\" # c");
  EXPECT_EQ(settings->text("topic"), "a#b");
  EXPECT_FALSE(settings->given("from"));
  for (const auto* wrong : {"STACK_TABLE=\"a\n", "STACK_TABLE='a' b\n", "STACK_TABLE\n"}) {
    write(".env", std::string{"\n"} + wrong);
    const auto refused = load();
    ASSERT_FALSE(refused) << wrong;
    EXPECT_THAT(refused.error().message, HasSubstr(".env:2: "));
    EXPECT_THAT(refused.error().message, HasSubstr("STACK_TABLE"));
  }
}

TEST_F(SettingsTest, ASwitchIsTrueOrFalseWhoeverSaysIt) {
  const auto off = load({}, {"STACK_JSON=No", "STACK_QUIET=ON"});
  ASSERT_TRUE(off) << off.error().message;
  EXPECT_FALSE(off->flag("json"));
  EXPECT_TRUE(off->flag("quiet"));
  EXPECT_THAT(load({}, {"STACK_JSON=ture"}).error().message, HasSubstr("json (from STACK_JSON): \"ture\""));
  write(".env", "\nSTACK_QUIET=maybe\n");
  EXPECT_THAT(load().error().message, HasSubstr("from .env:2"));
  write(".env", "");
  write("stack.toml", "seed = 1\nverbose = \"ja\"\n");
  EXPECT_THAT(load().error().message, HasSubstr("from stack.toml:2"));
}

TEST_F(SettingsTest, ANameMeansOneThingWhateverTheCommand) {
  const auto settings = load({}, {"STACK_FORMAT=parquet", "STACK_OUTPUT=json", "STACK_EVENTS_FILE=ticks.csv"});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_FALSE(settings->given("events-format"));
  EXPECT_EQ(settings->text("events-file"), "ticks.csv");
  const auto flag = load({{"events-format", "xml"}});
  ASSERT_TRUE(flag);
  EXPECT_THAT(flag->choice("events-format", {"csv"}).error().message, ::testing::StartsWith("--format: \"xml\""));
}

TEST_F(SettingsTest, TomlKeysAndValuesThatCannotBeAreNamedByLine) {
  for (const auto* wrong : {"[kafka]\nacks = {a = 1}\n", "\nlake = {a = 1}\n", "seed = 1\nseed = 2\n", "\nseed =\n"}) {
    write("stack.toml", wrong);
    const auto refused = load();
    ASSERT_FALSE(refused) << wrong;
    EXPECT_THAT(refused.error().message, ::testing::StartsWith("stack.toml:2: ")) << wrong;
  }
}

TEST_F(SettingsTest, ListsHaveNoBlankParts) {
  const auto settings = load({{"symbols", " A, ,B ,"}});
  ASSERT_TRUE(settings);
  EXPECT_THAT(settings->list("symbols"), ElementsAre("A", "B"));
}

TEST_F(SettingsTest, NamesThatWouldLeaveTheLakeOrAreTakenAreRefused) {
  for (const auto* table : {"../x", "a/b", "_stack", "a b"})
    EXPECT_FALSE(check_table(*load({{"table", table}}))) << table;
  for (const auto* table : {"bars", "Symbols", "simulated_bars"}) {
    const auto settings = load({{"table", table}});
    EXPECT_TRUE(check_table(*settings)) << table;
    EXPECT_THAT(check_table_to_write(*settings).error().message, HasSubstr("--table: ")) << table;
  }
  EXPECT_TRUE(check_table_to_write(*load({{"table", "order"}})));
  for (const auto* database : {"../x", "a b", "Stack", "main", "temp", "information_schema"})
    EXPECT_THAT(check_database(*load({}, {std::string{"STACK_DATABASE="} + database})).error().message,
                HasSubstr("from STACK_DATABASE"))
        << database;
  EXPECT_TRUE(check_database(*load()));
  EXPECT_FALSE(check_topic(*load({{"topic", "a b"}})));
}

TEST_F(SettingsTest, AWrongValueNamesOptionValueAndOrigin) {
  const auto settings = load({{"rate", "-5"}, {"limit", "12x"}, {"from", "2021-02-30"}}, {"STACK_SEED=abc"});
  ASSERT_TRUE(settings);
  EXPECT_THAT(settings->positive("rate").error().message, HasSubstr("--rate: \"-5\""));
  EXPECT_EQ(settings->positive("rate").error().kind, ErrorKind::usage);
  EXPECT_FALSE(settings->whole("limit", 1, 100));
  EXPECT_FALSE(settings->date("from"));
  EXPECT_THAT(settings->whole("seed", 0, 10).error().message, HasSubstr("from STACK_SEED"));
}

TEST(ParseDuration, KnowsItsUnits) {
  EXPECT_EQ(parse_duration("500ms"), Milliseconds{500});
  EXPECT_EQ(parse_duration("1.5s"), Milliseconds{1500});
  EXPECT_EQ(parse_duration("2m"), Milliseconds{120'000});
  EXPECT_EQ(parse_duration("1h"), Milliseconds{3'600'000});
  for (const auto* wrong : {"", "s", "-1s", "5 s", "5w", "nan", "1e300h"}) EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(ParseBytes, KnowsItsUnits) {
  EXPECT_EQ(parse_bytes("1000"), 1000U);
  EXPECT_EQ(parse_bytes("64MB"), 64'000'000U);
  EXPECT_EQ(parse_bytes("1KiB"), 1024U);
  for (const auto* wrong : {"", "MB", "-1", "1 MB", "1mb", "inf", "1.5"}) EXPECT_FALSE(parse_bytes(wrong)) << wrong;
}

TEST(Options, NamesAreUniqueAndFoundByTheirVariables) {
  for (const auto& option : all_options()) {
    EXPECT_EQ(find_option(option.name), &option);
    EXPECT_EQ(find_option_by_environment(environment_name(option)), &option);
  }
  EXPECT_EQ(find_option_by_environment("KAFKA_BOOTSTRAP_SERVERS")->name, "bootstrap-servers");
}

}  // namespace
}  // namespace stack::app
