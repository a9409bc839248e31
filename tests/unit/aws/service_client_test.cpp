#include "aws/service_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "aws/denied_action.hpp"
#include "scripted_server.hpp"

namespace stack::aws {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing_support::CannedServer;
using testing_support::header_of;
using testing_support::http_answer;
using testing_support::ScriptedServer;

std::string json_error(const std::string& code, const std::string& status = "400 Bad Request") {
  return http_answer(status, R"({"__type":"com.amazonaws.glue#)" + code + R"(","Message":"No, not that."})",
                     "x-amzn-RequestId: REQ1\r\n");
}

class ServiceClientTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<ServiceClient> client(const ScriptedServer& server, const Service& service = kGlue,
                                                      std::map<std::string, std::string> variables = {}) {
    variables.insert({{"AWS_ACCESS_KEY_ID", "AKID"},
                      {"AWS_SECRET_ACCESS_KEY", "hidden"},
                      {"AWS_CONFIG_FILE", "/nonexistent"},
                      {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"},
                      {"AWS_ENDPOINT_URL", server.url()}});
    const Environment environment{variables};
    credentials_ = std::make_shared<CredentialProvider>(environment, ProviderOptions{}, clock_);
    return ServiceClient::open(service, {.region = "eu-central-1", .endpoint = {}, .patience = patience_}, credentials_,
                               clock_, environment)
        .value();
  }
  [[nodiscard]] std::unique_ptr<ServiceClient> client(const std::string& url, const StopFlag* stop) const {
    const Environment environment{{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "hidden"}}};
    return ServiceClient::open(kGlue, {.region = "eu-central-1", .endpoint = url, .patience = patience_, .stop = stop},
                               std::make_shared<CredentialProvider>(environment, ProviderOptions{}, clock_), clock_,
                               environment)
        .value();
  }
  [[nodiscard]] std::string error_of(const std::string& answer, const Service& service = kGlue) {
    patience_ = Milliseconds{1};
    const ScriptedServer server({answer});
    const auto got = client(server, service)->call("GetTable", "{}", {}, "table stack.ticks");
    if (got) return "no error";
    kind_ = got.error().kind;
    EXPECT_THAT(got.error().message, Not(HasSubstr("hidden")));
    return got.error().message;
  }

  ManualClock clock_{Micros{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}};
  Milliseconds patience_{2'000};
  std::shared_ptr<CredentialProvider> credentials_;
  ErrorKind kind_{};
};

TEST_F(ServiceClientTest, CallsByTheJsonProtocolSigned) {
  const ScriptedServer server({http_answer("200 OK", R"({"Table":{}})")});
  EXPECT_EQ(client(server)->call("GetTable", R"({"Name":"ticks"})").value().body, R"({"Table":{}})");
  const auto request = server.requests().at(0);
  EXPECT_THAT(request, AllOf(HasSubstr("POST / HTTP/1.1"), HasSubstr("\r\n\r\n{\"Name\":\"ticks\"}")));
  EXPECT_EQ(header_of(request, "X-Amz-Target"), "AWSGlue.GetTable");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/x-amz-json-1.1");
  EXPECT_THAT(header_of(request, "Authorization"),
              AllOf(HasSubstr("AKID/20260101/eu-central-1/glue/aws4_request"), HasSubstr("x-amz-target")));
}

TEST_F(ServiceClientTest, CallsByTheQueryProtocolSigned) {
  const ScriptedServer server({http_answer("200 OK", "<r><Arn>a</Arn></r>")});
  EXPECT_EQ(client(server, kSts)->call("GetCallerIdentity", "X=1").value().body, "<r><Arn>a</Arn></r>");
  const auto request = server.requests().at(0);
  EXPECT_THAT(request, HasSubstr("\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15&X=1"));
  EXPECT_THAT(header_of(request, "Authorization"), HasSubstr("/eu-central-1/sts/aws4_request"));
}

TEST_F(ServiceClientTest, TriesAgainWhatMayPass) {
  for (const std::string& trouble :
       {json_error("ThrottlingException"), json_error("InternalServiceException", "500 Internal Server Error"),
        http_answer("503 Unavailable", "<html>gateway</html>"), http_answer("429 Too Many", ""),
        json_error("ConcurrentModificationException"), json_error("OperationTimeoutException"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), std::string("nonsense\r\n\r\n")}) {
    const ScriptedServer server({trouble, trouble, http_answer("200 OK", "{}")});
    const auto got = client(server)->call("GetTable", "{}");
    ASSERT_TRUE(got) << trouble << got.error().message;
    EXPECT_THAT(server.requests(), SizeIs(3));
  }
}

TEST_F(ServiceClientTest, GivesBackTheRefusalsThatItsCallerExpects) {
  const ScriptedServer server({json_error("EntityNotFoundException")});
  const auto got = client(server)->call("GetTable", "{}", {"AlreadyExistsException", "EntityNotFoundException"});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->code, "EntityNotFoundException");
  EXPECT_EQ(got->said, "No, not that.");
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(ServiceClientTest, ReadsEveryFormOfErrors) {
  const std::string headers = "x-amzn-RequestId: REQ1\r\n";
  for (const auto& answer :
       {json_error("InvalidInputException"),
        http_answer("400 Bad Request", R"({"code":"InvalidInputException","message":"No, not that."})", headers),
        http_answer("400 Bad Request",
                    R"({"__type":"InvalidInputException:http://aws","errorMessage":"No, not that."})", headers),
        http_answer("400 Bad Request", R"({"message":"No, not that."})",
                    headers + "X-Amzn-ErrorType: InvalidInputException:http://internal/\r\n"),
        http_answer("400 Bad Request",
                    "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidInputException</Code><Message>No, not "
                    "that.</Message></Error><RequestId>REQ1</RequestId></ErrorResponse>"),
        http_answer("400 Bad Request",
                    "<Response><Errors><Error><Code>InvalidInputException</Code><Message>No, not that.</Message>"
                    "</Error></Errors><RequestID>REQ1</RequestID></Response>")})
    EXPECT_EQ(error_of(answer),
              "AWS Glue GetTable, table stack.ticks: InvalidInputException, \"No, not that.\" (request REQ1)");
  EXPECT_EQ(kind_, ErrorKind::storage);
}

TEST_F(ServiceClientTest, NamesTheDeniedActionAndWhoMayNot) {
  const auto text = error_of(json_error("AccessDeniedException"));
  EXPECT_THAT(text, AllOf(HasSubstr("the credentials of the environment may not do glue:GetTable"),
                          HasSubstr("`stack iam print analyst"), HasSubstr("REQ1")));
  EXPECT_EQ(kind_, ErrorKind::access);
}

TEST_F(ServiceClientTest, NamesTheDeniedActionThatTheCallBringsAlong) {
  const auto text = error_of(http_answer(
      "400 Bad Request",
      R"({"__type":"AccessDeniedException","Message":"User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r"})"));
  EXPECT_THAT(text, AllOf(HasSubstr("may not do iam:PassRole here"), HasSubstr("--crawler-role ROLE")));
}

TEST_F(ServiceClientTest, NamesWhoMayDoWhatIsDenied) {
  const auto deploying =
      error_of(http_answer("403 Forbidden",
                           "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: t is not authorized "
                           "to perform: iam:PassRole</Message></Error></ErrorResponse>"),
               kCloudFormation);
  EXPECT_THAT(deploying, AllOf(HasSubstr("an administrator's"), Not(HasSubstr("iam print"))));
  EXPECT_THAT(advice_on_denied("glue:StartCrawler", "glue"),
              HasSubstr("iam print crawler --lake s3://BUCKET/PREFIX --account ACCOUNT --crawler-role"));
  EXPECT_THAT(advice_on_denied("glue:CreateTable", "glue"),
              HasSubstr("iam print sink --lake s3://BUCKET/PREFIX --register"));
  EXPECT_THAT(advice_on_denied("athena:StartQueryExecution", "athena"), HasSubstr("iam print analyst"));
  EXPECT_THAT(advice_on_denied("kms:Decrypt", "glue"), HasSubstr("--s3-kms-key KEY"));
  for (const char* action : {"iam:SimulatePrincipalPolicy", "lakeformation:GetDataAccess"})
    EXPECT_THAT(advice_on_denied(action, "iam"), Not(HasSubstr("iam print"))) << action;
}

TEST_F(ServiceClientTest, WaitsForAServiceInTroubleAsLongAsItsPatience) {
  patience_ = Milliseconds{600};
  const ScriptedServer server({json_error("InternalServiceException", "500 Internal Server Error")});
  const auto began = std::chrono::steady_clock::now();
  ASSERT_FALSE(client(server)->call("GetTable", "{}"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2 * patience_);
  for (const auto& [status, code, later] : {std::tuple{500, "InternalServiceException", false},
                                            {502, "", false},
                                            {503, "", true},
                                            {429, "", true},
                                            {400, "ThrottlingException", true}}) {
    const ServiceRefusal refusal{.status = status, .code = code, .said = {}, .request_id = {}};
    EXPECT_TRUE(refusal.may_pass()) << status;
    EXPECT_EQ(refusal.says_later(), later) << status;
  }
}

TEST_F(ServiceClientTest, TellsThatItTriesAgain) {
  const ScriptedServer server({json_error("InternalServiceException", "500 Internal Server Error"),
                               std::string("nonsense\r\n\r\n"), http_answer("200 OK", "{}")});
  const Environment environment{{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "hidden"}}};
  std::vector<std::string> told;
  const auto client = ServiceClient::open(
      kGlue,
      {.region = "eu-central-1",
       .endpoint = server.url(),
       .patience = patience_,
       .tell = {.line = [&](const std::string& line) { told.push_back(line); }, .after = Milliseconds{0}}},
      std::make_shared<CredentialProvider>(environment, ProviderOptions{}, clock_), clock_, environment);
  ASSERT_TRUE(client.value()->call("GetTable", "{}"));
  EXPECT_THAT(told, testing::ElementsAre("AWS Glue GetTable answers InternalServiceException; trying again"));
}

TEST(RetryNotice, IsOfLongCallsAndNotForEach) {
  std::vector<std::string> told;
  RetryNotice notice{{.line = [&](const std::string& line) { told.push_back(line); }}};
  const auto now = std::chrono::steady_clock::now();
  notice.note(now, "short");
  notice.note(now - std::chrono::seconds{4}, "long");
  notice.note(now - std::chrono::seconds{4}, "another");
  EXPECT_THAT(told, testing::ElementsAre("long; trying again"));
}

TEST_F(ServiceClientTest, KnowsWhetherARequestMayHaveArrived) {
  patience_ = Milliseconds{200};
  bool sent = true;
  std::string gone;
  {
    const ScriptedServer server({json_error("InternalServiceException", "500 Internal Server Error")});
    ASSERT_FALSE(client(server)->call("GetTable", "{}", {}, {}, &sent));
    EXPECT_TRUE(sent);
    gone = server.url();
  }
  ASSERT_FALSE(client(gone, nullptr)->call("GetTable", "{}", {}, {}, &sent));
  EXPECT_FALSE(sent);
  // Not even credentials came.
  const Environment environment{{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", gone + "/creds"},
                                 {"AWS_CONFIG_FILE", "/nonexistent"},
                                 {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}}};
  const auto client = ServiceClient::open(kGlue, {.region = "eu-central-1", .endpoint = gone, .patience = patience_},
                                          std::make_shared<CredentialProvider>(environment, ProviderOptions{}, clock_),
                                          clock_, environment);
  sent = true;
  ASSERT_FALSE(client.value()->call("GetTable", "{}", {}, {}, &sent));
  EXPECT_FALSE(sent);
}

TEST_F(ServiceClientTest, KeepsTheSessionTokenToItself) {
  const std::string said =
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
      "Key. Consult the service documentation for details.";
  const std::string xml = "The Canonical String for this request should have been\n'POST\nx-amz-security-token:TOKEN'";
  const std::string json = R"(\n\nThe Canonical String for this request should have been\n'POST\nTOKEN')";
  for (const std::string& answer :
       {http_answer("403 Forbidden", R"({"__type":"InvalidSignatureException","message":")" + said + json + "\"}"),
        http_answer("403 Forbidden", "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>" + said + " " +
                                         xml + "</Message></Error></ErrorResponse>")}) {
    const auto text = error_of(answer);
    EXPECT_THAT(text, AllOf(HasSubstr("Consult the service documentation for details."), HasSubstr("check --region")));
    EXPECT_THAT(text, AllOf(Not(HasSubstr("TOKEN")), Not(HasSubstr("\n"))));
  }
}

TEST_F(ServiceClientTest, WaitsForNoAnswerOnceItIsToStop) {
  StopFlag stop;
  const CannedServer mute{[](const std::string&) { return std::string{}; }};
  const auto calling = client(mute.url(), &stop);
  std::chrono::steady_clock::time_point stopped;
  std::jthread stopper{[&] {
    while (mute.requests().empty()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    stopped = std::chrono::steady_clock::now();
    stop.request();
  }};
  const auto got = calling->call("GetTable", "{}");
  const auto took = std::chrono::steady_clock::now() - stopped;
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::interrupted);
  EXPECT_EQ(got.error().message, "AWS Glue GetTable: interrupted before it answered");
  EXPECT_LT(took, std::chrono::milliseconds{300});
}

TEST_F(ServiceClientTest, WaitsForNoCredentialsOnceItIsToStop) {
  StopFlag stop;
  const CannedServer mute{[](const std::string&) { return std::string{}; }};
  const Environment environment{{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", mute.url() + "/creds"},
                                 {"AWS_CONFIG_FILE", "/nonexistent"},
                                 {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}}};
  CredentialProvider provider{environment, ProviderOptions{}, clock_};
  std::chrono::steady_clock::time_point stopped;
  std::jthread stopper{[&] {
    while (mute.requests().empty()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    stopped = std::chrono::steady_clock::now();
    stop.request();
  }};
  const auto got = provider.get(&stop);
  const auto took = std::chrono::steady_clock::now() - stopped;
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::interrupted);
  EXPECT_LT(took, std::chrono::milliseconds{300});
}

TEST_F(ServiceClientTest, SendsNothingAgainOnceItIsToStop) {
  StopFlag stop;
  const CannedServer server{[&](const std::string&) {
    stop.request();
    return json_error("ThrottlingException");
  }};
  const auto calling = client(server.url(), &stop);
  for (int calls = 0; calls < 2; ++calls) {
    const auto got = calling->call("GetTable", "{}");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::interrupted);
  }
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(ServiceClientTest, WaitsForAMuteServerNoLongerThanItsPatience) {
  const ScriptedServer server({std::string{}});  // takes the request and says nothing
  const auto began = std::chrono::steady_clock::now();
  const auto got = client(server)->call("GetTable", "{}");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
}

TEST_F(ServiceClientTest, SaysWhatIsWrongWithTheLogin) {
  EXPECT_THAT(error_of(json_error("UnrecognizedClientException")), HasSubstr("is not known to AWS"));
  EXPECT_EQ(kind_, ErrorKind::access);
  EXPECT_THAT(error_of(json_error("ExpiredTokenException")), HasSubstr("have expired: renew them"));
  EXPECT_EQ(kind_, ErrorKind::access);
  EXPECT_THAT(error_of(json_error("InvalidSignatureException")), HasSubstr("signed for eu-central-1: check --region"));
  EXPECT_EQ(kind_, ErrorKind::access);
}

TEST_F(ServiceClientTest, KnowsThatAProxyIsNotTheService) {
  EXPECT_THAT(error_of(http_answer("404 Not Found", "<html>nothing here</html>")),
              AllOf(HasSubstr("HTTP 404"), HasSubstr("does not speak for AWS Glue: check AWS_ENDPOINT_URL_GLUE")));
}

TEST_F(ServiceClientTest, GivesUpWhenItsPatienceIsAtAnEnd) {
  EXPECT_THAT(error_of(json_error("ThrottlingException")), HasSubstr("too many requests in this account"));
  EXPECT_EQ(kind_, ErrorKind::unreachable);
}

TEST_F(ServiceClientTest, SignsWithTheServicesTimeWhenItsOwnIsWrong) {
  const ScriptedServer server(
      {http_answer("400 Bad Request",
                   R"({"__type":"InvalidSignatureException","message":"Signature expired: 20260101T000000Z is now"})",
                   "Date: Thu, 01 Jan 2026 06:00:00 GMT\r\n"),
       http_answer("200 OK", "{}")});
  ASSERT_TRUE(client(server)->call("GetTable", "{}"));
  EXPECT_EQ(header_of(server.requests().at(1), "X-Amz-Date"), "20260101T060000Z");
}

TEST_F(ServiceClientTest, LooksForNewCredentialsOnceWhenTheyExpired) {
  const ScriptedServer server({json_error("ExpiredTokenException"), http_answer("200 OK", "{}")});
  EXPECT_TRUE(client(server)->call("GetTable", "{}"));
  const ScriptedServer never({json_error("ExpiredTokenException")});
  EXPECT_FALSE(client(never)->call("GetTable", "{}"));
  EXPECT_THAT(never.requests(), SizeIs(2));
}

TEST_F(ServiceClientTest, TriesNoMoreOftenThanTheEnvironmentSays) {
  const ScriptedServer server({json_error("ThrottlingException")});
  EXPECT_FALSE(client(server, kGlue, {{"AWS_MAX_ATTEMPTS", "2"}})->call("GetTable", "{}"));
  EXPECT_THAT(server.requests(), SizeIs(2));
}

TEST_F(ServiceClientTest, SaysThatTheQuotaOfRetriesIsSpent) {
  const ScriptedServer server({json_error("ThrottlingException")});
  patience_ = Milliseconds{100};
  const auto throttled = client(server);
  std::mutex mutex;
  std::string last;
  const auto is_spent = [&] {
    const std::lock_guard lock{mutex};
    return last.find("not tried again") != std::string::npos;
  };
  {
    std::vector<std::jthread> callers;  // many, since each waits longer and longer before it tries again
    for (int caller = 0; caller < 16; ++caller)
      callers.emplace_back([&] {
        for (int calls = 0; calls < 30 && !is_spent(); ++calls) {
          const auto got = throttled->call("GetTable", "{}");
          const std::lock_guard lock{mutex};
          if (!got && last.find("not tried again") == std::string::npos) last = got.error().message;
        }
      });
  }
  EXPECT_THAT(last, AllOf(HasSubstr("ThrottlingException"),
                          HasSubstr("; not tried again: too many requests to this service failed lately")));
}

TEST_F(ServiceClientTest, NothingListening) {
  patience_ = Milliseconds{300};
  std::string url;
  {
    const ScriptedServer gone({std::string{}});
    url = gone.url();
  }
  const Environment environment{{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "hidden"}}};
  const auto credentials = std::make_shared<CredentialProvider>(environment, ProviderOptions{}, clock_);
  const auto client = ServiceClient::open(kAthena, {.region = "eu-central-1", .endpoint = url, .patience = patience_},
                                          credentials, clock_, environment);
  const auto got = client.value()->call("GetWorkGroup", "{}");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(got.error().message,
              AllOf(HasSubstr("Amazon Athena GetWorkGroup: 127.0.0.1:"), HasSubstr("AWS_ENDPOINT_URL_ATHENA")));
}

TEST_F(ServiceClientTest, AsksTheProxyOfTheEnvironmentForAwssHosts) {
  const ScriptedServer proxy({"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"});
  ::setenv("HTTPS_PROXY", proxy.url().c_str(), 1);
  const Environment environment{{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "hidden"}}};
  const auto credentials = std::make_shared<CredentialProvider>(environment, ProviderOptions{}, clock_);
  const auto client =
      ServiceClient::open(kGlue, {.region = "eu-central-1", .endpoint = {}, .patience = Milliseconds{1}}, credentials,
                          clock_, environment)
          .value();
  const auto got = client->call("GetTable", "{}");
  ::unsetenv("HTTPS_PROXY");
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("; check the proxy, HTTPS_PROXY"));
  EXPECT_THAT(proxy.requests().at(0), testing::StartsWith("CONNECT glue.eu-central-1.amazonaws.com:443 HTTP/1.1"));
}

TEST(RetryLimit, RefusesModesAndNumbersThatAreNone) {
  for (const auto& [variable, value] : {std::pair{"AWS_RETRY_MODE", "eager"}, std::pair{"AWS_MAX_ATTEMPTS", "0"},
                                        std::pair{"AWS_MAX_ATTEMPTS", "3x"}}) {
    const auto limit = RetryLimit::of(Environment{{{variable, value}}});
    ASSERT_FALSE(limit);
    EXPECT_THAT(limit.error().message, AllOf(HasSubstr(variable), HasSubstr(value)));
  }
  EXPECT_FALSE(RetryLimit::of(Environment{std::map<std::string, std::string>{}}).value().is_adaptive());
  EXPECT_TRUE(RetryLimit::of(Environment{{{"AWS_RETRY_MODE", "adaptive"}}}).value().is_adaptive());
}

TEST(RetryQuota, IsUsedUpByFailuresAndFilledBySuccesses) {
  auto limit = RetryLimit::of(Environment{std::map<std::string, std::string>{}}).value();
  const std::chrono::steady_clock::time_point now{};
  for (int i = 0; i < 100; ++i) ASSERT_EQ(limit.take_retry(1, false), Retry::allowed);
  EXPECT_EQ(limit.take_retry(1, false), Retry::quota_spent);
  limit.note_answer(false, true, 2, now);
  EXPECT_EQ(limit.take_retry(1, false), Retry::allowed);
  EXPECT_EQ(limit.take_retry(1, false), Retry::quota_spent);
}

TEST(SendRate, FallsWhenThrottledAndGrowsAgain) {
  using std::chrono::milliseconds;
  SendRate rate;
  SendRate::Time now{std::chrono::hours{1}};
  const auto send = [&](bool throttled) {
    now += rate.wait(now);
    now += milliseconds{10};  // 100 a second at most
    rate.note_answer(throttled, now);
  };
  for (int i = 0; i < 200; ++i) send(false);
  EXPECT_EQ(rate.limit(), 0);
  EXPECT_EQ(rate.wait(now), milliseconds{0});
  send(true);
  const double after_throttle = rate.limit();
  EXPECT_NEAR(after_throttle, 70, 5);
  double before = after_throttle;
  for (int i = 0; i < 300; ++i) {
    send(false);
    EXPECT_GE(rate.limit(), before * 0.999);
    before = rate.limit();
  }
  EXPECT_GT(before, after_throttle);
  send(true);
  EXPECT_LT(rate.limit(), before);
}

}  // namespace
}  // namespace stack::aws
