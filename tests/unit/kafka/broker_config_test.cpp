#include "kafka/broker_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "kafka/local_broker.hpp"

namespace stack::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Sets an environment variable for one test.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value, 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() { before_.empty() ? ::unsetenv(name_) : ::setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

TEST(ServerProperties, ListenOnThisMachineAlone) {
  const auto text = server_properties("/data/records", {.clients = 9092, .controller = 9093});
  EXPECT_THAT(text, AllOf(HasSubstr("\nlisteners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n"),
                          HasSubstr("\nadvertised.listeners=PLAINTEXT://127.0.0.1:9092\n"),
                          HasSubstr("\nlog.dirs=/data/records\n"), Not(HasSubstr("0.0.0.0"))));
}

TEST(ServerProperties, KeepRecordsAndMakeNoTopicsUnasked) {
  const auto text = server_properties("/d", {.clients = 1, .controller = 2});
  EXPECT_THAT(text, AllOf(HasSubstr("\nlog.retention.ms=-1\n"), HasSubstr("\nauto.create.topics.enable=false\n"),
                          HasSubstr("\ntransaction.state.log.min.isr=1\n")));
}

TEST(ClusterId, IsAKafkaUuid) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto id = random_cluster_id();
    ASSERT_EQ(id.size(), 22U);
    EXPECT_NE(id.front(), '-');
    EXPECT_TRUE(std::string_view{"AQgw"}.find(id.back()) != std::string_view::npos) << id;  // two bits are left
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 200U);
}

TEST(BrokerInstallation, MissingJavaSaysWhatToInstall) {
  const ScopedVariable home("JAVA_HOME", "");
  const ScopedVariable path("PATH", "/nonexistent");
  const auto java = find_java();
  ASSERT_FALSE(java);
  EXPECT_EQ(java.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(java.error().message, AllOf(HasSubstr("Java 17"), HasSubstr("JAVA_HOME")));
}

TEST(BrokerInstallation, WrongJavaHomeIsNamed) {
  const ScopedVariable home("JAVA_HOME", "/nonexistent/jdk");
  const auto java = find_java();
  ASSERT_FALSE(java);
  EXPECT_THAT(java.error().message, HasSubstr("/nonexistent/jdk"));
}

TEST(BrokerInstallation, MissingJarsSayWhoFetchesThem) {
  const ScopedVariable jars("STACK_KAFKA_JARS", "/nonexistent/jars");
  const auto found = find_kafka_jars();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(found.error().message, AllOf(HasSubstr("/nonexistent/jars"), HasSubstr("scripts/build")));
}

TEST(BrokerEnvironment, HoldsNoCredentials) {
  const ScopedVariable secret("AWS_SECRET_ACCESS_KEY", "hunter2");
  const auto environment = java_environment();
  EXPECT_TRUE(std::ranges::none_of(environment, [](const auto& entry) { return entry.starts_with("AWS_"); }));
  EXPECT_TRUE(std::ranges::any_of(environment, [](const auto& entry) { return entry.starts_with("PATH="); }));
}

TEST(DefaultBrokerFolder, FollowsXdg) {
  {
    const ScopedVariable data("XDG_DATA_HOME", "/x");
    EXPECT_EQ(default_broker_folder(), "/x/stack/kafka");
  }
  const ScopedVariable data("XDG_DATA_HOME", "");
  const ScopedVariable home("HOME", "/home/me");
  EXPECT_EQ(default_broker_folder(), "/home/me/.local/share/stack/kafka");
}

}  // namespace
}  // namespace stack::kafka
