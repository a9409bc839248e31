#include "app/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace stack::app {
namespace {

using ::testing::HasSubstr;

Invocation parsed(std::vector<std::string> arguments) {
  auto result = parse_command_line(std::move(arguments));
  EXPECT_TRUE(result) << result.error().message;
  return std::get<Invocation>(*result);
}

std::string refused(std::vector<std::string> arguments) {
  const auto result = parse_command_line(std::move(arguments));
  EXPECT_FALSE(result);
  if (result) return {};
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  return result.error().message;
}

TEST(CommandLine, TakesOptionsAndArguments) {
  const auto invocation =
      parsed({"run", "a.csv", "--symbols", "HSI,IXIC", "--json", "--kafka-property", "a=1", "--kafka-property", "b=2"});
  EXPECT_EQ(invocation.command->name, "run");
  EXPECT_THAT(invocation.arguments, ::testing::ElementsAre("a.csv"));
  EXPECT_EQ(invocation.flags.at("symbols"), "HSI,IXIC");
  EXPECT_EQ(invocation.flags.at("json"), "true");
  EXPECT_EQ(invocation.flags.at("kafka-property"), "a=1\nb=2");
  const auto lines = parse_command_line({"query", "SELECT ?", "--param", "a\nb"});
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().kind, ErrorKind::usage);
  EXPECT_NE(lines.error().message.find("--param: a value is one line"), std::string::npos) << lines.error().message;
  EXPECT_FALSE(invocation.flags.contains("quiet"));
}

TEST(CommandLine, AnOptionBeforeTheArgumentsTakesItsOwnValueOnly) {
  const auto invocation = parsed({"query", "--lake", "x", "--output", "csv", "SELECT 1"});
  EXPECT_EQ(invocation.flags.at("lake"), "x");
  EXPECT_THAT(invocation.arguments, ::testing::ElementsAre("SELECT 1"));
}

TEST(CommandLine, KnowsItsShortForms) {
  EXPECT_EQ(parsed({"simulate", "-o", "x.csv"}).flags.at("events-file"), "x.csv");
  EXPECT_EQ(parsed({"query", "-f", "q.sql"}).flags.at("file"), "q.sql");
  EXPECT_EQ(parsed({"verify", "-q"}).flags.at("quiet"), "true");
}

TEST(CommandLine, ANegativeValueReachesItsOption) {
  EXPECT_EQ(parsed({"produce", "--rate", "-5"}).flags.at("rate"), "-5");
}

TEST(CommandLine, NamesTheNearestOptionAndCommand) {
  EXPECT_THAT(refused({"run", "--symbol", "HSI"}), HasSubstr("did you mean --symbols?"));
  EXPECT_THAT(refused({"run", "--form=x"}), HasSubstr("--form"));
  EXPECT_THAT(refused({"simulat"}), HasSubstr("did you mean simulate?"));
  EXPECT_THAT(refused({"catalog"}), HasSubstr("list|show|ddl"));
  refused({});
  refused({"run", "a.csv", "b.csv"});
  refused({"run", "--limit"});
}

TEST(CommandLine, AnOptionWithoutAValueIsRefusedByName) {
  EXPECT_THAT(refused({"simulate", "--symbols", ""}), HasSubstr("--symbols is given no value"));
  EXPECT_THAT(refused({"simulate", "-o", ""}), HasSubstr("--output is given no value"));
  EXPECT_THAT(refused({"simulate", "--symbols="}), HasSubstr("--symbols wants a value, A,B"));
  EXPECT_THAT(refused({"simulate", "--limit"}), HasSubstr("--limit wants a value, N"));
}

TEST(CommandLine, ExplainsWhatDoesNotFit) {
  EXPECT_THAT(refused({"simulate", "--limit", "1", "--limit", "2"}), HasSubstr("--limit is given more than once"));
  EXPECT_THAT(refused({"simulate", "a.csv", "b.csv"}), HasSubstr("takes [DATA.csv], but more"));
  EXPECT_THAT(refused({"sink", "a.csv"}), HasSubstr("takes no arguments"));
  EXPECT_THAT(refused({"--json", "run"}), HasSubstr("stack run --json"));
  EXPECT_THAT(refused({"--versoin"}), HasSubstr("did you mean --version?"));
  EXPECT_THAT(refused({"run", "-symbols", "A"}), HasSubstr("did you mean --symbols?"));
  EXPECT_THAT(refused({"run", "-z"}), HasSubstr("option -z is unknown"));
  EXPECT_THAT(refused({"simulate", "--fromat", "csv"}), HasSubstr("did you mean --format?"));
}

std::string help_of(const std::string& command) {
  const auto result = parse_command_line({command, "--help"});
  EXPECT_TRUE(result) << result.error().message;
  return result ? std::get<HelpText>(*result).text : std::string{};
}

TEST(CommandLine, EveryCommandHelpsWithItsUsageAndAnExample) {
  for (const auto& command : all_commands()) {
    const auto help = help_of(std::string{command.name});
    std::istringstream examples{std::string{command.example}};
    for (std::string line; std::getline(examples, line);) EXPECT_THAT(help, HasSubstr("\n  " + line));
    EXPECT_THAT(help, HasSubstr("Usage: stack " + std::string{command.name} + " [OPTIONS]"));
    EXPECT_THAT(help, HasSubstr(std::string{command.arguments}));
  }
}

TEST(CommandLine, HelpTellsTheDefaultsOfTheCommandItself) {
  EXPECT_THAT(help_of("run"), HasSubstr("default: stack-lake/<feed id>"));
  EXPECT_THAT(help_of("sink"), HasSubstr("default: stack-lake/<topic>"));
  EXPECT_THAT(help_of("produce"), HasSubstr("default: 60x"));
  EXPECT_THAT(help_of("simulate"), HasSubstr("--format ndjson|csv|parquet"));
  EXPECT_THAT(help_of("simulate"), HasSubstr("[STACK_EVENTS_FORMAT]"));
  EXPECT_THAT(help_of("query"), HasSubstr("--output table|csv|json"));
}

}  // namespace
}  // namespace stack::app
