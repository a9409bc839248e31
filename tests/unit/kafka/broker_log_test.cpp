#include "kafka/broker_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace stack::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BrokerLog : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "stack-broker-log-XXXXXX").native();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_.root = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_.root); }

  static void write(const std::filesystem::path& file, std::string_view text) { std::ofstream(file) << text; }

  BrokerFolder folder_;
};

TEST_F(BrokerLog, GivesTheLastFailureAndWhereItStands) {
  write(folder_.log(),
        "2026-01-01 00:00:00.000 ERROR first (x)\n2026-01-01 00:00:01.000 ERROR the disk is gone (x)\n"
        "\tat java.base/Some.method\n2026-01-01 00:00:02.000 INFO shutting down (x)\n");
  EXPECT_THAT(why_it_died(folder_), AllOf(HasSubstr("the disk is gone"), HasSubstr(folder_.log().native())));
}

TEST_F(BrokerLog, KnowsAJavaThatIsTooOld) {
  write(folder_.output(),
        "Error: LinkageError occurred while loading main class kafka.Kafka\n"
        "\tjava.lang.UnsupportedClassVersionError: kafka/Kafka has been compiled by a more recent version\n");
  EXPECT_THAT(why_it_died(folder_), HasSubstr("install Java 17"));
}

TEST_F(BrokerLog, KnowsAPortThatWasTaken) {
  EXPECT_FALSE(lost_its_port(folder_));
  write(folder_.log(),
        "… org.apache.kafka.common.KafkaException: Socket server failed to bind: Address already in use\n");
  EXPECT_TRUE(lost_its_port(folder_));
  EXPECT_THAT(why_it_died(folder_), HasSubstr("--port"));
}

TEST_F(BrokerLog, FallsBackToTheLastWords) {
  write(folder_.output(), "Killed\n");
  EXPECT_THAT(why_it_died(folder_), AllOf(HasSubstr("Killed"), HasSubstr(folder_.output().native())));
}

TEST_F(BrokerLog, SilenceIsSaid) { EXPECT_THAT(why_it_died(folder_), HasSubstr("it said nothing")); }

TEST_F(BrokerLog, OfAnEarlierStartIsPutAside) {
  write(folder_.log(), "x ERROR of long ago\n");
  ASSERT_TRUE(forget_old_output(folder_));
  EXPECT_THAT(why_it_died(folder_), HasSubstr("it said nothing"));
  EXPECT_TRUE(std::filesystem::exists(folder_.log().native() + ".old"));
}

TEST(JavaVersion, IsReadFromWhatJavaPrints) {
  EXPECT_EQ(version_in("openjdk version \"17.0.21\" 2026-10-20\nOpenJDK Runtime"), "17.0.21");
  EXPECT_EQ(version_in("java version \"1.8.0_402\""), "1.8.0_402");
  EXPECT_EQ(version_in("sh: 1: not found"), "");
}

TEST(JavaVersion, WhatIsNoJavaIsNamed) {
  const auto version = java_version("/bin/false");
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(version.error().message, HasSubstr("/bin/false"));
}

}  // namespace
}  // namespace stack::kafka
