#include "app/log_record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

namespace stack::app {
namespace {

constexpr Micros kTime{std::chrono::microseconds{1'700'000'000'123'456}};

TEST(LogRecord, IsOneJsonObject) {
  EXPECT_EQ(log_record(kTime, "info", "sink", "a \"b\"\n").text("topic", "t").number("lag", 3).str(),
            R"({"time":"2023-11-14T22:13:20.123Z","level":"info","command":"sink","message":"a \"b\"\n",)"
            R"("topic":"t","lag":3})");
  EXPECT_EQ(log_record(kTime, "error", "", "x").str(),
            R"({"time":"2023-11-14T22:13:20.123Z","level":"error","message":"x"})");
}

TEST(LogRecord, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(as_utf8("h\xc3\xa4"), "h\xc3\xa4");
  EXPECT_EQ(as_utf8("h\xe4-\xff"), "h?-?");
}

RC_GTEST_PROP(LogRecord, IsJsonWhateverTheMessage, (const std::string& message)) {
  simdjson::dom::parser parser;
  const auto line = log_record(kTime, "info", "run", message).str();
  RC_ASSERT(line.find('\n') == std::string::npos);
  std::string_view read;
  RC_ASSERT(parser.parse(line)["message"].get(read) == simdjson::SUCCESS);
  RC_ASSERT(read == as_utf8(message));
}

TEST(LogRecord, NamesEveryKindOfError) {
  EXPECT_EQ(kind_name(ErrorKind::unreachable), "unreachable");
  EXPECT_EQ(kind_name(ErrorKind::usage), "usage");
}

}  // namespace
}  // namespace stack::app
