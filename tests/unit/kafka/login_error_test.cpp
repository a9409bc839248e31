// What keeps a client from logging in, told by librdkafka's codes, texts and log lines.
#include "kafka/login_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/access_error.hpp"
#include "kafka/client_log.hpp"

namespace stack::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kAuthentication = RD_KAFKA_RESP_ERR__AUTHENTICATION;
constexpr auto kSsl = RD_KAFKA_RESP_ERR__SSL;
constexpr auto kTransport = RD_KAFKA_RESP_ERR__TRANSPORT;

LoginFacts scram() {
  LoginFacts facts;
  facts.protocol = "sasl_ssl";
  facts.mechanism = "SCRAM-SHA-512";
  facts.user = "alice";
  return facts;
}

LoginFacts tls() {
  LoginFacts facts;
  facts.protocol = "ssl";
  return facts;
}

TEST(LoginError, NamesServerUserAndMechanism) {
  for (const std::string server : {"sasl_ssl://b-1.kafka:9096/bootstrap", "sasl_ssl://b-1.kafka:9096/12",
                                   "GroupCoordinator: sasl_ssl://b-1.kafka:9096/12"}) {
    const auto error = login_error(
        kAuthentication, server + ": SASL authentication error: Authentication failed (after 3ms in state AUTH_REQ)", 0,
        scram());
    ASSERT_TRUE(error) << server;
    EXPECT_EQ(error->trouble, LoginTrouble::credentials_refused);
    EXPECT_TRUE(error->certain());
    EXPECT_EQ(error->error().kind, ErrorKind::access);
    EXPECT_THAT(error->message, HasSubstr("Kafka at b-1.kafka:9096 refuses user alice by SCRAM-SHA-512: "
                                          "Authentication failed; "));
  }
}

TEST(LoginError, ALostConnectionIsNoRefusal) {
  EXPECT_FALSE(
      login_error(kAuthentication,
                  "sasl_ssl://b:1/bootstrap: SASL authentication error: SaslAuthenticateRequest failed: Local: "
                  "Broker handle destroyed (after 0ms in state DOWN)",
                  0, scram()));
  EXPECT_FALSE(
      login_error(kTransport, "ssl://b:1/bootstrap: Connect to ipv4#1.2.3.4:1 failed: Connection refused", 0, tls()));
}

TEST(LoginError, TellsCertificatesApartByOpenSslsVerdict) {
  const std::pair<int, LoginTrouble> expected[] = {
      {10, LoginTrouble::server_expired},         {9, LoginTrouble::server_expired},
      {62, LoginTrouble::server_of_another_name}, {64, LoginTrouble::server_of_another_name},
      {18, LoginTrouble::server_untrusted},       {19, LoginTrouble::server_untrusted},
      {20, LoginTrouble::server_untrusted},       {23, LoginTrouble::server_unverified}};
  for (const auto& [verdict, trouble] : expected) {
    const auto error =
        login_error(kSsl,
                    "ssl://b:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify "
                    "failed: broker certificate could not be verified",
                    verdict, tls());
    ASSERT_TRUE(error) << verdict;
    EXPECT_EQ(error->trouble, trouble) << verdict;
  }
}

TEST(LoginError, AlertsOfTlsAreAboutTheClientsCertificate) {
  auto facts = tls();
  for (const int alert : {42, 43, 44, 45, 46, 48, 116}) {
    const auto said =
        "ssl://b:1/bootstrap: Receive failed: error:0A000412:SSL routines::sslv3 alert bad certificate: "
        "SSL alert number " +
        std::to_string(alert) + " (after 1ms in state APIVERSION_QUERY)";
    facts.has_certificate = false;
    EXPECT_THAT(login_error(kTransport, said, 0, facts)->message, HasSubstr("wants a certificate")) << alert;
    facts.has_certificate = true;
    EXPECT_THAT(login_error(kTransport, said, 0, facts)->message, HasSubstr("does not take")) << alert;
  }
  EXPECT_EQ(login_error(kSsl, "ssl://b:1/1: SSL alert number 70", 0, facts)->trouble, LoginTrouble::tls_version);
}

TEST(LoginError, ATokenEndpointThatRefusesIsNotOneThatIsAway) {
  LoginFacts facts;
  facts.protocol = "sasl_ssl";
  facts.mechanism = "OAUTHBEARER";
  facts.user = "app";
  facts.token_url = "https://login/token";
  const auto in_log = [&](const std::string& answer) {
    return login_error_in_log(
        "OIDC", R"([thrd:background]: Failed to retrieve OIDC token from "https://login/token": )" + answer, facts);
  };
  EXPECT_EQ(in_log("{\"error\": \"invalid_client\"} (401)")->trouble, LoginTrouble::token_refused);
  EXPECT_THAT(
      in_log("{\"error\": \"invalid_client\"} (401)")->message,
      HasSubstr("token endpoint https://login/token refuses client app: {\"error\": \"invalid_client\"} (HTTP 401)"));
  EXPECT_EQ(in_log("busy (503)")->trouble, LoginTrouble::token_endpoint_away);
  EXPECT_EQ(in_log("Failed to connect to login port 443 (-1)")->trouble, LoginTrouble::token_endpoint_away);
  EXPECT_EQ(in_log("Failed to connect to login port 443 (-1)")->error().kind, ErrorKind::unreachable);
}

TEST(LoginError, AConnectionThatIsClosedLaterSaysNothing) {
  const LoginFacts plain;
  const std::string front = "[thrd:b:1/bootstrap]: b:1/bootstrap: Disconnected: connection closed by peer ";
  EXPECT_EQ(login_error_in_log("FAIL", front + "(after 1ms in state APIVERSION_QUERY)", plain)->trouble,
            LoginTrouble::tls_or_sasl_wanted);
  for (const auto* soon : {"(after 0ms in state UP)", "(after 1ms in state UP)",
                           "(after 82ms in state UP, 1 identical error(s) suppressed)"})
    EXPECT_EQ(login_error_in_log("FAIL", front + soon, plain)->trouble, LoginTrouble::tls_or_sasl_wanted) << soon;
  EXPECT_FALSE(login_error_in_log("FAIL", front + "(after 2000ms in state UP)", plain));
  EXPECT_FALSE(login_error_in_log("FAIL", front + "(after 61543ms in state UP)", plain));
  EXPECT_FALSE(login_error_in_log("FAIL", front + "(after 1ms in state APIVERSION_QUERY)", scram()));
}

TEST(LoginError, FactsHoldNoSecretAndShowNoUserOfAUrl) {
  const auto facts =
      login_facts(Properties{{"security.protocol", "SASL_SSL"},
                             {"sasl.mechanism", "OAUTHBEARER"},
                             {"sasl.oauthbearer.client.credentials.client.id", "app"},
                             {"sasl.oauthbearer.token.endpoint.url", "https://me:pw@login:8443/a/b?key=1"}});
  EXPECT_EQ(facts.token_url, "https://login:8443/a/b");
  EXPECT_EQ(facts.protocol, "sasl_ssl");
  EXPECT_EQ(facts.who(), "client app");
}

TEST(AccessError, NamesTheRightToAskFor) {
  const Connection connection{.bootstrap_servers = "b:1",
                              .properties = {{"security.protocol", "sasl_ssl"}, {"sasl.username", "alice"}}};
  const Attempt attempt{.operation = "Write", .topic = "ticks", .group = "g", .transactional_id = "x"};
  const auto error = access_error(connection, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, attempt);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::access);
  EXPECT_THAT(error->message, HasSubstr("user alice the operation Write on topic ticks"));
  EXPECT_THAT(access_error(connection, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, attempt)->message,
              HasSubstr("Read on consumer group g"));
  EXPECT_FALSE(access_error(connection, RD_KAFKA_RESP_ERR__TIMED_OUT, attempt));
}

class LogOfAClient : public testing::Test {
 protected:
  LogOfAClient() {
    for (const auto& [name, value] : {std::pair{"security.protocol", "sasl_ssl"}, std::pair{"sasl.username", "alice"},
                                      std::pair{"sasl.password", "hunter22"}})
      rd_kafka_conf_set(conf_.get(), name, value, nullptr, 0);
    log_.attach(conf_.get());
  }

  std::vector<std::string> notices_;
  ConfHandle conf_{rd_kafka_conf_new()};
  ClientLog log_{[this](const std::string& notice) { notices_.push_back(notice); }};
};

TEST_F(LogOfAClient, TakesSecretsOutOfWhatOthersSay) {
  log_.complaint(kTransport, "proxy says: wrong password hunter22 of alice");
  log_.line(3, "OTHER", "[thrd:app]: hunter22");
  log_.complaint(kAuthentication, "sasl_ssl://b:1/bootstrap: SASL authentication error: hunter22 is wrong");
  ASSERT_EQ(notices_.size(), 3U);
  for (const auto& notice : notices_) EXPECT_THAT(notice, Not(HasSubstr("hunter22")));
  EXPECT_THAT(log_.login_error()->message, Not(HasSubstr("hunter22")));
}

TEST_F(LogOfAClient, SaysTheSameOnceEvenInTurns) {
  for (int i = 0; i < 3; ++i) {
    log_.complaint(kTransport, "b:1: a (after 1ms in state UP)");
    log_.complaint(kTransport, "b:2: b (after 1ms in state UP)");
  }
  EXPECT_THAT(notices_, testing::ElementsAre("b:1: a", "b:2: b"));
}

TEST_F(LogOfAClient, ForgetsALoginThatWasRefusedOnceItSucceeds) {
  log_.complaint(kAuthentication, "sasl_ssl://b:1/bootstrap: SASL authentication error: no");
  EXPECT_TRUE(log_.login_error());
  log_.logged_in();
  EXPECT_FALSE(log_.login_error());
  EXPECT_EQ(log_.locked_out(), Milliseconds{0});
}

}  // namespace
}  // namespace stack::kafka
