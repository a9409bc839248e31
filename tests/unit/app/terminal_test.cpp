#include "app/terminal.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/command_line.hpp"

namespace stack::app {
namespace {

TEST(BrokenToFit, LinesGoOnBelowTheirSecondColumn) {
  EXPECT_EQ(broken_to_fit("Options:\n  --topic NAME    Kafka topic to write events into (default: a)\n", 40),
            "Options:\n"
            "  --topic NAME    Kafka topic to write\n"
            "                  events into (default:\n"
            "                  a)\n");
  EXPECT_EQ(broken_to_fit("    words that stand in by four blanks\n", 20 + 4),
            "    words that stand in\n    by four blanks\n");
}

TEST(BrokenToFit, ParagraphsAreFilledAndWhatIsCopiedStaysWhole) {
  EXPECT_EQ(broken_to_fit("one two three four five six seven\neight nine\n\nten\n", 24),
            "one two three four five\nsix seven eight nine\n\nten\n");
  const std::string copied = "Example:\n  stack run prices.csv --lake s3://bucket/prefix\n";
  EXPECT_EQ(broken_to_fit(copied, 24), copied);
  EXPECT_EQ(broken_to_fit("a sum of what the command is for\nUsage: stack run\n", 24),
            "a sum of what the\ncommand is for\nUsage: stack run\n");
}

TEST(BrokenToFit, AWordThatIsTooLongOverflowsAndNothingIsLost) {
  EXPECT_EQ(broken_to_fit("  --a    " + std::string(50, 'x') + " y\n", 30),
            "  --a    " + std::string(50, 'x') + "\n         y\n");
  EXPECT_EQ(broken_to_fit("  --parameter NAME=VALUE    a parameter of the template\n", 30),
            "  --parameter NAME=VALUE\n    a parameter of the\n    template\n");
  EXPECT_EQ(broken_to_fit("", 30), "");
}

// But for what is one word, or a command to be copied.
TEST(BrokenToFit, HelpOfEveryCommandFitsATerminalOf80) {
  for (const auto& command : all_commands()) {
    const auto parsed = parse_command_line({std::string{command.name}, "--help"});
    ASSERT_TRUE(parsed);
    const auto& whole = std::get<HelpText>(*parsed).text;
    const auto fitting = broken_to_fit(whole, 80);
    std::istringstream lines{fitting};
    for (std::string line; std::getline(lines, line);)
      EXPECT_TRUE(line.size() <= 80 || line.find("  stack ") == 0) << command.name << ": " << line;
    const auto words = [](const std::string& text) {
      std::istringstream in{text};
      return std::vector<std::string>{std::istream_iterator<std::string>{in}, {}};
    };
    EXPECT_EQ(words(fitting), words(whole));
  }
}

}  // namespace
}  // namespace stack::app
