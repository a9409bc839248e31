#include "aws/credential_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <string>

namespace stack::aws {
namespace {

const Micros kNoon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2} + std::chrono::hours{12}};

TEST(Expiration, IsReadInEveryFormThatSourcesWrite) {
  for (const char* text : {"2026-01-02T12:00:00Z", "2026-01-02T12:00:00.000Z", "2026-01-02T12:00:00UTC",
                           "2026-01-02T13:30:00+01:30", "2026-01-02T04:00:00-08:00", "2026-01-02T12:00:00+00:00"})
    EXPECT_EQ(parse_expiration(text), kNoon) << text;
  for (const char* text : {"", "soon", "+01:00", "2026-01-02", "2026-01-02T12:00:00+1:00", "2026-13-02T12:00:00Z"})
    EXPECT_EQ(parse_expiration(text), std::nullopt) << text;
}

TEST(CredentialJson, IsReadInTheFormsOfServicesAndProcesses) {
  const auto process = parse_credentials(
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2026-01-02T12:00:00Z"})",
      "p");
  ASSERT_TRUE(process);
  EXPECT_EQ(process->access_key_id + process->secret_access_key + process->session_token, "AST");
  EXPECT_EQ(process->expires, kNoon);
  const auto metadata =
      parse_credentials(R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T"})", "m");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->session_token, "T");
  EXPECT_EQ(metadata->expires, std::nullopt);
  const auto sso = parse_credentials(R"({"roleCredentials":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T",
                                        "expiration":1767355200000}})",
                                     "s");
  ASSERT_TRUE(sso);
  EXPECT_EQ(sso->expires, kNoon);
}

TEST(CredentialJson, IsNotHalfRead) {
  for (const char* text :
       {"", "{}", "[]", "null", R"({"AccessKeyId":"A"})", R"({"AccessKeyId":"A","SecretAccessKey":""})",
        R"({"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"soon"})",
        R"({"AccessKeyId":1,"SecretAccessKey":"S"})"})
    EXPECT_FALSE(parse_credentials(text, "x")) << text;
}

RC_GTEST_PROP(CredentialJson, TakesAnyBytesWithoutHarm, (const std::string& bytes)) {
  (void)parse_credentials(bytes, "x");
  (void)parse_expiration(bytes);
  (void)json_text(bytes, "a");
}

}  // namespace
}  // namespace stack::aws
