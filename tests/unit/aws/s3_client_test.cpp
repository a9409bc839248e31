#include "aws/s3_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "scripted_server.hpp"

namespace stack::aws {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing_support::CannedServer;
using testing_support::header_of;
using testing_support::http_answer;
using testing_support::ScriptedServer;

std::string error(const std::string& status, const std::string& code, const std::string& headers = {}) {
  return http_answer(status,
                     "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>No &amp; no</Message></Error>",
                     "x-amz-request-id: REQ1\r\n" + headers);
}

class S3ClientTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<S3Client> client(const ScriptedServer& store, S3Bucket bucket = {}) {
    bucket.name = "bkt";
    bucket.region = "eu-central-1";
    bucket.endpoint = store.url();
    const Environment keys{{{"AWS_ACCESS_KEY_ID", "AKID"},
                            {"AWS_SECRET_ACCESS_KEY", "hidden"},
                            {"AWS_CONFIG_FILE", "/nonexistent"},
                            {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}}};
    credentials_ = std::make_shared<CredentialProvider>(keys, ProviderOptions{}, clock_);
    return S3Client::open(std::move(bucket), credentials_, clock_, patience_).value();
  }
  static S3Call get() { return {.method = "GET", .key = "a/b c", .action = "s3:GetObject"}; }

  ManualClock clock_{Micros{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}};
  Milliseconds patience_{1'500};
  std::shared_ptr<CredentialProvider> credentials_;
};

TEST_F(S3ClientTest, SignsByHeaderAndNamesKeysAsTheyAre) {
  const ScriptedServer store({http_answer("200 OK", "bytes")});
  EXPECT_EQ(client(store)->call(get()).value().body, "bytes");
  const auto request = store.requests().at(0);
  EXPECT_THAT(request, HasSubstr("GET /bkt/a/b%20c HTTP/1.1"));
  EXPECT_THAT(header_of(request, "Authorization"), HasSubstr("AKID/20260101/eu-central-1/s3/aws4_request"));
  EXPECT_EQ(header_of(request, "X-Amz-Date"), "20260101T000000Z");
}

TEST_F(S3ClientTest, CountsItsRequestsAndThoseItSendsAgain) {
  const ScriptedServer store({error("503 Slow Down", "SlowDown"), http_answer("200 OK", "bytes")});
  const auto client = this->client(store);
  ASSERT_TRUE(client->call(get()));
  for (const char* query : {"", "partNumber=1&uploadId=u"})
    ASSERT_TRUE(client->call({.method = "PUT", .key = "k", .query = query, .body = "1234"}));
  ASSERT_TRUE(client->call({.method = "GET", .query = "list-type=2"}));
  ASSERT_TRUE(client->call({.method = "DELETE", .key = "k"}));
  const S3Requests requests = client->requests();
  EXPECT_EQ(requests.gets, 2U);
  EXPECT_EQ(requests.retries, 1U);
  EXPECT_EQ(requests.puts, 1U);
  EXPECT_EQ(requests.parts, 1U);
  EXPECT_EQ(requests.lists, 1U);
  EXPECT_EQ(requests.deletes, 1U);
  EXPECT_EQ(requests.posts + requests.heads, 0U);
  EXPECT_EQ(requests.bytes_sent, 8U);
}

TEST_F(S3ClientTest, TriesAgainWhatMayPass) {
  for (const std::string& trouble :
       {error("503 Slow Down", "SlowDown"), error("500 Internal Server Error", "InternalError"),
        error("409 Conflict", "ConditionalRequestConflict"), error("400 Bad Request", "RequestTimeout"),
        http_answer("502 Bad Gateway", "<html>gateway</html>"), http_answer("429 Too Many", ""),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), std::string("nonsense\r\n\r\n")}) {
    const ScriptedServer store({trouble, trouble, http_answer("200 OK", "bytes")});
    const auto got = client(store)->call(get());
    ASSERT_TRUE(got) << trouble << got.error().message;
    EXPECT_EQ(got->body, "bytes");
    EXPECT_THAT(store.requests(), SizeIs(3));
  }
}

TEST_F(S3ClientTest, GivesUpWhenItsPatienceIsAtAnEnd) {
  patience_ = Milliseconds{300};
  const ScriptedServer store({error("503 Slow Down", "SlowDown")});
  const auto got = client(store)->call(get());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(got.error().message, HasSubstr("s3://bkt/a/b c: "));
  EXPECT_THAT(got.error().message, HasSubstr("503 SlowDown, \"No & no\" (request REQ1)"));
  EXPECT_THAT(got.error().message, HasSubstr("try again later"));
}

TEST_F(S3ClientTest, TakesNoBytesThatAreNotWhatTheStoreHasTheChecksumOf) {
  const std::string right = "x-amz-checksum-crc32c: " + crc32c_text("bytes") + "\r\n";
  const ScriptedServer store({http_answer("200 OK", "bytez", right), http_answer("200 OK", "bytes", right)});
  EXPECT_EQ(client(store)->call(get()).value().body, "bytes");
  patience_ = Milliseconds{200};
  const ScriptedServer broken({http_answer("200 OK", "bytez", right)});
  EXPECT_THAT(client(broken)->call(get()).error().message, HasSubstr("checksum"));
}

TEST_F(S3ClientTest, ChecksumsAreThoseOfTheWorld) {
  EXPECT_EQ(crc32c_text("123456789"), "4waSgw==");  // 0xe3069283, RFC 3720 B.4's polynomial
  const ScriptedServer store({http_answer("200 OK", "")});
  ASSERT_TRUE(client(store)->call({.method = "PUT", .key = "k", .body = "123456789", .makes_object = true}));
  EXPECT_EQ(header_of(store.requests().at(0), "x-amz-checksum-crc32c"), "4waSgw==");
}

TEST_F(S3ClientTest, LearnsTheStoresClock) {
  const ScriptedServer store({error("403 Forbidden", "RequestTimeTooSkewed", "Date: Thu, 01 Jan 2026 03:00:00 GMT\r\n"),
                              http_answer("200 OK", "bytes")});
  const auto s3 = client(store);
  EXPECT_EQ(s3->call(get()).value().body, "bytes");
  EXPECT_EQ(header_of(store.requests().at(1), "X-Amz-Date"), "20260101T030000Z");
  EXPECT_TRUE(s3->call(get()));
  EXPECT_EQ(header_of(store.requests().at(2), "X-Amz-Date"), "20260101T030000Z");
}

// HEAD's answers have no body that would say why.
TEST_F(S3ClientTest, LearnsTheStoresClockFromARefusalWithoutWords) {
  const ScriptedServer store(
      {http_answer("403 Forbidden", "", "Date: Thu, 01 Jan 2026 03:00:00 GMT\r\n"), http_answer("200 OK", "")});
  EXPECT_TRUE(client(store)->call({.method = "HEAD", .key = "a", .action = "s3:GetObject"}));
  EXPECT_EQ(header_of(store.requests().at(1), "X-Amz-Date"), "20260101T030000Z");
}

TEST_F(S3ClientTest, ARefusalWithoutWordsIsTriedOnceWithNewCredentials) {
  const S3Call head{.method = "HEAD", .key = "a", .action = "s3:GetObject"};
  const ScriptedServer renewed({http_answer("400 Bad Request", ""), http_answer("200 OK", "")});
  EXPECT_TRUE(client(renewed)->call(head));
  const ScriptedServer refused({http_answer("403 Forbidden", "", "Date: Thu, 01 Jan 2026 00:00:01 GMT\r\n")});
  EXPECT_EQ(client(refused)->call(head).error().kind, ErrorKind::access);
  EXPECT_THAT(refused.requests(), SizeIs(2));
}

TEST_F(S3ClientTest, SignsForTheRegionThatTheBucketIsIn) {
  const ScriptedServer store(
      {error("400 Bad Request", "AuthorizationHeaderMalformed", "x-amz-bucket-region: us-west-2\r\n"),
       http_answer("200 OK", "bytes")});
  EXPECT_EQ(client(store)->call(get()).value().body, "bytes");
  EXPECT_THAT(header_of(store.requests().at(1), "Authorization"), HasSubstr("/us-west-2/s3/"));
}

TEST_F(S3ClientTest, NamesTheRegionWhereItCannotBeLearnt) {
  const ScriptedServer store({error("301 Moved Permanently", "PermanentRedirect")});
  EXPECT_THAT(client(store)->call(get()).error().message, HasSubstr("not in eu-central-1"));
}

TEST_F(S3ClientTest, ExpiredCredentialsAreLookedForAgainOnce) {
  const ScriptedServer renewed({error("400 Bad Request", "ExpiredToken"), http_answer("200 OK", "bytes")});
  EXPECT_EQ(client(renewed)->call(get()).value().body, "bytes");
  const ScriptedServer expired({error("400 Bad Request", "ExpiredToken")});
  const auto got = client(expired)->call(get());
  EXPECT_EQ(got.error().kind, ErrorKind::access);
  EXPECT_THAT(got.error().message, HasSubstr("expired: renew them"));
  EXPECT_THAT(expired.requests(), SizeIs(2));
}

TEST_F(S3ClientTest, RefusalsNameTheActionAndNeverASecret) {
  const ScriptedServer store({error("403 Forbidden", "AccessDenied")});
  const auto got = client(store)->call({.method = "PUT", .key = "k", .action = "s3:PutObject", .body = "x"});
  EXPECT_EQ(got.error().kind, ErrorKind::access);
  EXPECT_THAT(got.error().message, HasSubstr("the environment may not do s3:PutObject here"));
  EXPECT_THAT(got.error().message, Not(HasSubstr("hidden")));
}

TEST_F(S3ClientTest, AnAnswerThatIsNoS3IsSaidToBeNone) {
  const ScriptedServer store({http_answer("404 Not Found", "<html>nothing here</html>")});
  EXPECT_THAT(client(store)->call(get()).error().message, HasSubstr("does not speak S3: check --s3-endpoint"));
}

TEST_F(S3ClientTest, MissingKeysAndConditionsAreAnswers) {
  const ScriptedServer store({error("404 Not Found", "NoSuchKey"),
                              error("412 Precondition Failed", "PreconditionFailed"),
                              error("404 Not Found", "NoSuchBucket")});
  const auto s3 = client(store);
  EXPECT_EQ(s3->call(get()).value().status, 404);
  EXPECT_EQ(s3->call(get()).value().status, 412);
  EXPECT_THAT(s3->call(get()).error().message, HasSubstr("no such bucket"));
}

// A gateway that has lost the store behind it for a moment: taken for an answer, it would pass for a write that was
// done.
TEST_F(S3ClientTest, AnObjectThatIsWrittenIsNeverMissing) {
  const S3Call put{.method = "PUT", .key = "k", .body = "x", .makes_object = true};
  const ScriptedServer store({http_answer("404 Not Found", ""), http_answer("200 OK", "")});
  EXPECT_EQ(client(store)->call(put).value().status, 200);
  EXPECT_THAT(store.requests(), SizeIs(2));
  patience_ = Milliseconds{200};
  const ScriptedServer lost({http_answer("404 Not Found", "")});
  EXPECT_FALSE(client(lost)->call(put));
}

TEST_F(S3ClientTest, AnErrorInsideOfASuccessIsAnError) {
  const ScriptedServer store(
      {error("200 OK", "InternalError"), http_answer("200 OK", "<?xml version=\"1.0\"?><Done/>")});
  EXPECT_TRUE(client(store)->call({.method = "POST", .key = "k", .query = "uploadId=1", .body = "<x/>"}));
  EXPECT_THAT(store.requests(), SizeIs(2));
}

TEST_F(S3ClientTest, AsksBeforeEverySignatureAndDatesItNoLater) {
  const ScriptedServer store({error("503 Slow Down", "SlowDown"), error("503 Slow Down", "SlowDown")});
  int asked = 0;
  const auto got = client(store)->call_while({.method = "PUT", .key = "k", .body = "x"}, [&]() -> Result<bool> {
    clock_.advance(std::chrono::hours{1});  // as if the process had been stopped here
    return ++asked < 3;
  });
  ASSERT_TRUE(got);
  EXPECT_FALSE(*got);
  EXPECT_THAT(store.requests(), SizeIs(2));
  EXPECT_EQ(header_of(store.requests().at(0), "X-Amz-Date"), "20260101T000000Z");
  EXPECT_EQ(header_of(store.requests().at(1), "X-Amz-Date"), "20260101T010000Z");
}

TEST_F(S3ClientTest, WhatMakesAnObjectSaysHowItIsEncrypted) {
  const ScriptedServer store({http_answer("200 OK", "")});
  const auto s3 =
      client(store, {.name = {}, .region = {}, .encryption = S3Encryption::kms_keys, .kms_key = "alias/lake"});
  ASSERT_TRUE(s3->call({.method = "PUT", .key = "k", .body = "x", .makes_object = true}));
  ASSERT_TRUE(s3->call({.method = "PUT", .key = "k", .query = "partNumber=1&uploadId=u", .body = "x"}));
  EXPECT_EQ(header_of(store.requests().at(0), "x-amz-server-side-encryption"), "aws:kms");
  EXPECT_EQ(header_of(store.requests().at(0), "x-amz-server-side-encryption-aws-kms-key-id"), "alias/lake");
  EXPECT_EQ(header_of(store.requests().at(1), "x-amz-server-side-encryption"), "");
}

TEST_F(S3ClientTest, WithoutCredentialsNothingIsSigned) {
  const ScriptedServer store({http_answer("200 OK", "bytes")});
  const auto s3 =
      S3Client::open({.name = "bkt", .region = "eu-central-1", .endpoint = store.url()}, nullptr, clock_, patience_);
  EXPECT_EQ((*s3)->call(get()).value().body, "bytes");
  EXPECT_EQ(header_of(store.requests().at(0), "Authorization"), "");
}

TEST_F(S3ClientTest, WaitsForAMuteStoreNoLongerThanItsPatience) {
  patience_ = Milliseconds{300};
  const ScriptedServer mute({std::string{}});
  const auto began = std::chrono::steady_clock::now();
  const auto got = client(mute)->call(get());
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("does not answer in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{4});
}

TEST_F(S3ClientTest, NamesNoCodeThatTheStoreDidNotGive) {
  patience_ = Milliseconds{600};
  const ScriptedServer store({http_answer("502 Bad Gateway", "<html>gateway</html>")});
  std::vector<std::string> told;
  const auto s3 =
      S3Client::open({.name = "bkt", .region = "eu-central-1", .endpoint = store.url()}, nullptr, clock_, patience_,
                     {.line = [&](const std::string& line) { told.push_back(line); }, .after = Milliseconds{0}});
  const auto began = std::chrono::steady_clock::now();
  const auto got = s3.value()->call(get());
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2 * patience_);
  EXPECT_EQ(got.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(got.error().message, HasSubstr(store.url() + " answered 502; "));
  EXPECT_EQ(told, std::vector<std::string>{"s3://bkt/a/b c: " + store.url() + " answers 502; trying again"});
}

TEST_F(S3ClientTest, WaitsForNoAnswerOnceItIsToStop) {
  StopFlag stop;
  const ScriptedServer mute({std::string{}});
  const auto s3 = S3Client::open({.name = "bkt", .region = "eu-central-1", .endpoint = mute.url()}, nullptr, clock_,
                                 patience_, {}, &stop);
  std::chrono::steady_clock::time_point stopped;
  std::jthread stopper{[&] {
    while (mute.requests().empty()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    stopped = std::chrono::steady_clock::now();
    stop.request();
  }};
  const auto got = s3.value()->call(get());
  const auto took = std::chrono::steady_clock::now() - stopped;
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::interrupted);
  EXPECT_THAT(got.error().message, HasSubstr("s3://bkt/a/b c: "));
  EXPECT_LT(took, std::chrono::milliseconds{300});
}

TEST_F(S3ClientTest, SendsNothingAgainOnceItIsToStop) {
  StopFlag stop;
  const CannedServer store{[&](const std::string&) {
    stop.request();
    return error("503 Slow Down", "SlowDown");
  }};
  const auto s3 = S3Client::open({.name = "bkt", .region = "eu-central-1", .endpoint = store.url()}, nullptr, clock_,
                                 patience_, {}, &stop);
  for (int calls = 0; calls < 2; ++calls) {
    const auto got = s3.value()->call(get());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::interrupted);
  }
  EXPECT_THAT(store.requests(), SizeIs(1));
}

TEST_F(S3ClientTest, NobodyListening) {
  patience_ = Milliseconds{200};
  std::string gone;
  { gone = ScriptedServer({http_answer("200 OK", "")}).url(); }
  const auto s3 =
      S3Client::open({.name = "bkt", .region = "eu-central-1", .endpoint = gone}, nullptr, clock_, patience_);
  const auto got = (*s3)->call(get());
  EXPECT_EQ(got.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(got.error().message, HasSubstr("127.0.0.1"));
}

}  // namespace
}  // namespace stack::aws
