// What --kafka-auth and the options around it stand for.
#include "app/kafka_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace stack::app {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr std::string_view kServers = "kafka.example.com:9093";

class KafkaLoginTest : public testing::Test {
 protected:
  KafkaLoginTest() { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Result<KafkaLogin> login(std::map<std::string, std::string> flags,
                                         std::string_view servers = kServers) const {
    STACK_TRY_ASSIGN(settings, Settings::load(std::move(flags), {}, folder_));
    return kafka_login(settings, servers);
  }
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    std::ofstream{folder_ / name, std::ios::binary} << text;
    return folder_ / name;
  }

  std::filesystem::path folder_ =
      std::filesystem::path{testing::TempDir()} / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(KafkaLoginTest, NoneSetsNothing) {
  EXPECT_TRUE(login({})->properties.empty());
  EXPECT_TRUE(login({}, "")->properties.empty());
}

TEST_F(KafkaLoginTest, EachMethodHasItsMechanismOverTls) {
  const std::pair<const char*, const char*> methods[] = {
      {"plain", "PLAIN"}, {"scram-sha-256", "SCRAM-SHA-256"}, {"scram-sha-512", "SCRAM-SHA-512"}};
  for (const auto& [method, mechanism] : methods) {
    const auto made = login({{"kafka-auth", method}, {"kafka-user", "me"}, {"kafka-password", "pw"}});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(made->properties,
                AllOf(Contains(Pair("security.protocol", "sasl_ssl")), Contains(Pair("sasl.mechanisms", mechanism)),
                      Contains(Pair("sasl.username", "me")), Contains(Pair("sasl.password", "pw")),
                      Contains(Pair("ssl.ca.location", "probe"))));
    EXPECT_TRUE(made->warnings.empty());
  }
  EXPECT_THAT(login({{"kafka-auth", "tls"}})->properties,
              AllOf(Contains(Pair("security.protocol", "ssl")), Not(Contains(Pair("sasl.mechanisms", testing::_)))));
  EXPECT_THAT(login({{"kafka-auth", "msk-iam"}})->properties,
              AllOf(Contains(Pair("security.protocol", "sasl_ssl")), Contains(Pair("sasl.mechanisms", "AWS_MSK_IAM"))));
}

TEST_F(KafkaLoginTest, TheUsersOwnPropertiesComeLast) {
  const auto made = login({{"kafka-auth", "plain"},
                           {"kafka-user", "me"},
                           {"kafka-password", "pw"},
                           {"kafka-property", "sasl.username=other"}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->properties.back(), (std::pair<std::string, std::string>{"sasl.username", "other"}));
}

TEST_F(KafkaLoginTest, PlainWithoutTlsIsWarnedOfUnlessItStaysOnThisMachine) {
  const std::map<std::string, std::string> flags = {{"kafka-auth", "plain"},
                                                    {"kafka-user", "me"},
                                                    {"kafka-password", "pw"},
                                                    {"kafka-property", "security.protocol=SASL_PLAINTEXT"}};
  EXPECT_EQ(login(flags)->warnings.size(), 1U);
  EXPECT_EQ(login(flags, "localhost:1,kafka:9092")->warnings.size(), 1U);
  for (const auto* here :
       {"localhost:9092", "127.0.0.1:9092,127.0.0.2:9092", "[::1]:9092", "SASL_PLAINTEXT://localhost"})
    EXPECT_TRUE(login(flags, here)->warnings.empty()) << here;
}

TEST_F(KafkaLoginTest, ASecretsFileIsOneLine) {
  const auto with = [&](const std::string& text) {
    return login({{"kafka-auth", "plain"}, {"kafka-user", "me"}, {"kafka-password-file", file("p", text)}});
  };
  for (const auto* text : {"pw", "pw\n", "pw\r\n"})
    EXPECT_THAT(with(text)->properties, Contains(Pair("sasl.password", "pw"))) << text;
  EXPECT_THAT(with(" p w ")->properties, Contains(Pair("sasl.password", " p w ")));
  EXPECT_THAT(with("").error().message, HasSubstr("is empty"));
  EXPECT_THAT(with("pw\nmore").error().message, AllOf(HasSubstr("more than one line"), Not(HasSubstr("pw"))));
  EXPECT_THAT(with(std::string(100'000, 'x')).error().message, HasSubstr("too long"));
}

TEST_F(KafkaLoginTest, WhatIsMissingOrContradictsIsSaid) {
  const std::pair<std::map<std::string, std::string>, const char*> wrong[] = {
      {{{"kafka-auth", "plain"}, {"kafka-user", "me"}}, "KAFKA_PASSWORD"},
      {{{"kafka-auth", "oauthbearer"}, {"oauth-client-id", "me"}}, "--oauth-token-url"},
      {{{"kafka-user", "me"}}, "--kafka-auth"},
      {{{"kafka-ca", "x"}}, "--kafka-auth tls"},
      {{{"kafka-auth", "tls"}, {"kafka-key", "x"}}, "--kafka-cert"},
      {{{"kafka-auth", "tls"}, {"kafka-ca", "/none"}}, "--kafka-ca: /none"},
      {{{"kafka-auth", "plain"}, {"kafka-property", "security.protocol=ssl"}}, "security.protocol"},
      {{{"kafka-auth", "SCRAM"}}, "scram-sha-256"}};
  for (const auto& [flags, said] : wrong) {
    const auto made = login(flags);
    ASSERT_FALSE(made) << said;
    EXPECT_EQ(made.error().kind, ErrorKind::usage);
    EXPECT_THAT(made.error().message, HasSubstr(said));
  }
  EXPECT_THAT(login({{"kafka-auth", "tls"}}, "").error().message, HasSubstr("local broker"));
}

TEST_F(KafkaLoginTest, TokensOfAnotherKindAreTheUsersAffair) {
  EXPECT_TRUE(login({{"kafka-auth", "oauthbearer"}, {"kafka-property", "enable.sasl.oauthbearer.unsecure.jwt=true"}}));
  const auto made = login({{"kafka-auth", "oauthbearer"},
                           {"oauth-token-url", "https://login/token"},
                           {"oauth-client-id", "app"},
                           {"oauth-client-secret", "s"},
                           {"oauth-scope", "kafka"}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(made->properties, AllOf(Contains(Pair("sasl.oauthbearer.method", "oidc")),
                                      Contains(Pair("sasl.oauthbearer.scope", "kafka"))));
}

}  // namespace
}  // namespace stack::app
