#include "kafka/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kafka/client_log.hpp"

namespace stack::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;

Result<Properties> parse(const std::string& text) {
  const std::vector<std::string> texts{text};
  return parse_properties(texts);
}

TEST(KafkaProperties, AreNameAndValue) {
  const auto parsed = parse("sasl.jaas=a");
  EXPECT_FALSE(parsed) << "librdkafka does not know this one";
  const auto good = parse("client.id=a=b");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->front().first, "client.id");
  EXPECT_EQ(good->front().second, "a=b");
}

TEST(KafkaServers, AreHostsWithPorts) {
  for (const char* good : {"a:9092", "a", "10.0.0.1:1,b-1.c:65535", "[::1]:9092", "[::1]", "SASL_SSL://a:9098"})
    EXPECT_TRUE(check_servers(good)) << good;
  for (const char* wrong : {"a:99999", "a:0", "a:", ":9092", "a:9092x", "a:1,,b:2", "a:-1"}) {
    const auto checked = check_servers(wrong);
    ASSERT_FALSE(checked) << wrong;
    EXPECT_EQ(checked.error().kind, ErrorKind::usage);
    EXPECT_THAT(checked.error().message, HasSubstr("--bootstrap-servers"));
  }
}

TEST(KafkaProperties, ThatAreUnknownOrWrongAreNamed) {
  for (const char* text : {"linger.mss=5", "linger.ms=soon", "linger.ms", "=5", ""}) {
    const auto parsed = parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::usage) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr("--kafka-property")) << text;
  }
  EXPECT_THAT(parse("linger.mss=5").error().message, HasSubstr("linger.mss"));
}

TEST(KafkaProperties, ThatWouldBreakExactlyOnceAreRefused) {
  for (const char* text :
       {"isolation.level=read_uncommitted", "acks=1", "request.required.acks=1", "enable.idempotence=false",
        "enable.auto.commit=true", "auto.commit.enable=true", "enable.auto.offset.store=true",
        "auto.offset.reset=latest", "transactional.id=other", "group.id=other", "group.instance.id=other",
        "enable.partition.eof=false", "partition.assignment.strategy=range", "partitioner=random",
        "session.timeout.ms=10001", "session.timeout.ms=0xffff"}) {
    const auto parsed = parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::usage);
    EXPECT_THAT(parsed.error().message, HasSubstr(std::string(text).substr(0, std::string(text).find('='))));
  }
}

TEST(KafkaProperties, SecretsAreNotShown) {
  for (const char* name :
       {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config", "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem"}) {
    EXPECT_THAT(redacted(name, "hunter2"), Not(HasSubstr("hunter2"))) << name;
  }
  EXPECT_EQ(redacted("sasl.username", "me"), "me");
}

// What librdkafka itself takes for secrets when it prints a configuration, and what sounds like one.
TEST(KafkaProperties, OfAnyNameThatSoundsLikeASecretAreNotShown) {
  int found = 0;
  for (const auto& name : property_names()) {
    const bool sounds = name.ends_with("password") || name.ends_with("passphrase") || name.ends_with("secret") ||
                        name.ends_with("key.pem") || name.ends_with("oauthbearer.config");
    if (!sounds) continue;
    ++found;
    EXPECT_EQ(redacted(name, "hunter2"), "[redacted]") << name;
  }
  EXPECT_GE(found, 8);
}

TEST(KafkaProperties, ThatAreUnknownAreNamedWithTheNearestAndWithoutTheirValue) {
  const auto unknown = parse("sasl.pasword=hunter2");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("did you mean sasl.password?"));
  EXPECT_THAT(unknown.error().message, Not(HasSubstr("hunter2")));
  for (const char* text : {"hunter2", "=hunter2", "sasl.password:hunter2", "HUNTER2==", "sasl.jaas.config=hunter2"})
    EXPECT_THAT(parse(text).error().message, Not(testing::AnyOf(HasSubstr("hunter2"), HasSubstr("HUNTER2")))) << text;
}

TEST(KafkaProperties, SecretsOfAConfigurationAreTakenOutOfTexts) {
  const ConfHandle conf{rd_kafka_conf_new()};
  rd_kafka_conf_set(conf.get(), "sasl.password", "hunter22", nullptr, 0);
  rd_kafka_conf_set(conf.get(), "ssl.key.password", "abc", nullptr, 0);
  const auto secrets = secrets_of(*conf);
  EXPECT_EQ(without_secrets("a hunter22, an abc, hunter22", secrets), "a [redacted], an abc, [redacted]");
}

TEST(KafkaProperties, OfAConnectionOverrideTheClientsOwn) {
  ClientLog log{{}};
  const Connection connection{.bootstrap_servers = "127.0.0.1:1", .properties = {{"linger.ms", "7"}}};
  const std::vector<std::pair<const char*, const char*>> fixed{{"linger.ms", "20"}};
  const auto conf = make_conf(connection, fixed, log);
  ASSERT_TRUE(conf) << conf.error().message;
  std::string value(16, '\0');
  std::size_t size = value.size();
  ASSERT_EQ(rd_kafka_conf_get(conf->get(), "linger.ms", value.data(), &size), RD_KAFKA_CONF_OK);
  EXPECT_STREQ(value.c_str(), "7");
}

}  // namespace
}  // namespace stack::kafka
