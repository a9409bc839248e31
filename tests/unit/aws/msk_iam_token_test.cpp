#include "aws/msk_iam_token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <string>

namespace stack::aws {
namespace {

using testing::HasSubstr;
using testing::Not;

const Micros kNow{std::chrono::seconds{1'700'000'000} + std::chrono::microseconds{999'999}};

Credentials example() {
  return {.access_key_id = "AKIAIOSFODNN7EXAMPLE",
          .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
          .session_token = "",
          .expires = std::nullopt,
          .source = "the test"};
}

std::string decoded(std::string_view text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  unsigned pending = 0;
  unsigned bits = 0;
  for (const char c : text) {
    pending = (pending << 6U) | static_cast<unsigned>(alphabet.find(c));
    bits += 6;
    if (bits >= 8) bytes += static_cast<char>((pending >> (bits -= 8)) & 255U);
  }
  return bytes;
}

TEST(Base64Url, IsThatOfTheStandard) {  // RFC 4648, 10, without padding
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foo"), "Zm9v");
  EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xFB\xFF\xFE"), "-__-");
}

RC_GTEST_PROP(Base64Url, KeepsAllBytes, (const std::string& bytes)) { RC_ASSERT(decoded(base64url(bytes)) == bytes); }

TEST(MskIamToken, IsAPresignedUrlThatDoesNotHoldTheSecret) {
  const auto token = sign_msk_iam_token(example(), "eu-west-1", kNow);
  ASSERT_TRUE(token) << token.error().message;
  const auto url = decoded(token->text);
  EXPECT_THAT(url, HasSubstr("https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect&"));
  EXPECT_THAT(url, HasSubstr("X-Amz-Date=20231114T221320Z&X-Amz-Expires=900&"));
  EXPECT_TRUE(url.ends_with("&User-Agent=stack")) << url;
  EXPECT_THAT(url, Not(HasSubstr("K7MDENG")));
}

TEST(MskIamToken, EndsWithItsTimeOrItsCredentials) {
  auto credentials = example();
  const Micros signed_at = std::chrono::floor<std::chrono::seconds>(kNow);
  EXPECT_EQ(sign_msk_iam_token(credentials, "eu-west-1", kNow)->expires, signed_at + std::chrono::seconds{900});
  credentials.expires = kNow + std::chrono::seconds{60};
  EXPECT_EQ(sign_msk_iam_token(credentials, "eu-west-1", kNow)->expires, *credentials.expires);
  credentials.expires = kNow + std::chrono::hours{1};
  EXPECT_EQ(sign_msk_iam_token(credentials, "eu-west-1", kNow)->expires, signed_at + std::chrono::seconds{900});
}

TEST(MskIamToken, IsRefusedForWhatIsNoRegion) {
  const auto token = sign_msk_iam_token(example(), "evil.com/", kNow);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace stack::aws
