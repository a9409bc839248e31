#include "app/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_FALSE(invocation.flags.contains("quiet"));
}

TEST(CommandLine, AnOptionBeforeTheArgumentsTakesItsOwnValueOnly) {
  const auto invocation = parsed({"query", "--lake", "x", "--output", "csv", "SELECT 1"});
  EXPECT_EQ(invocation.flags.at("lake"), "x");
  EXPECT_THAT(invocation.arguments, ::testing::ElementsAre("SELECT 1"));
}

TEST(CommandLine, KnowsItsShortForms) {
  EXPECT_EQ(parsed({"simulate", "-o", "x.csv"}).flags.at("output"), "x.csv");
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

TEST(CommandLine, EveryCommandHelpsWithAnExample) {
  for (const auto& command : all_commands()) {
    const auto result = parse_command_line({std::string{command.name}, "--help"});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(std::get<HelpText>(*result).text, HasSubstr(std::string{command.example}));
  }
}

}  // namespace
}  // namespace stack::app
