#include "aws/credential_provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "aws_home.hpp"
#include "canned_server.hpp"

namespace stack::aws {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
using testing_support::AwsHome;
using testing_support::CannedServer;

const Micros kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

std::string iso(Micros instant) {
  return format_micros(instant).substr(0, 10) + "T" + format_micros(instant).substr(11, 8) + "Z";
}

// A profile whose process prints what the test last wrote, or fails when it has written nothing.
class ProcessProfile {
 public:
  ProcessProfile() { home_.config("[default]\ncredential_process = cat " + (home_.path() / "now").string() + "\n"); }
  void gives(const std::string& key, Micros expires) const {
    home_.write("now", R"({"Version":1,"AccessKeyId":")" + key + R"(","SecretAccessKey":"hidden","Expiration":")" +
                           iso(expires) + R"("})");
  }
  void fails() const { std::filesystem::remove(home_.path() / "now"); }
  [[nodiscard]] Environment environment() const { return home_.environment(); }

 private:
  AwsHome home_;
};

TEST(CredentialProvider, RenewsBeforeTheEnd) {
  const ProcessProfile profile;
  ManualClock clock{kStart};
  CredentialProvider provider{profile.environment(), {}, clock};
  profile.gives("FIRST", kStart + hours{1});
  EXPECT_EQ(provider.get()->access_key_id, "FIRST");
  profile.gives("SECOND", kStart + hours{2});
  clock.advance(minutes{49});
  EXPECT_EQ(provider.get()->access_key_id, "FIRST") << "kept while it is good";
  clock.advance(minutes{2});
  EXPECT_EQ(provider.get()->access_key_id, "SECOND") << "ten minutes before the end";
}

TEST(CredentialProvider, KeepsWhatIsGoodWhileRenewalFails) {
  const ProcessProfile profile;
  ManualClock clock{kStart};
  CredentialProvider provider{profile.environment(), {}, clock};
  profile.gives("FIRST", kStart + hours{1});
  ASSERT_TRUE(provider.get());
  profile.fails();
  clock.advance(minutes{55});
  EXPECT_EQ(provider.get()->access_key_id, "FIRST");
  profile.gives("SECOND", kStart + hours{2});
  EXPECT_EQ(provider.get()->access_key_id, "FIRST") << "not asked again at once";
  clock.advance(minutes{1});
  EXPECT_EQ(provider.get()->access_key_id, "SECOND");
  profile.fails();
  clock.advance(hours{2});
  const auto over = provider.get();
  ASSERT_FALSE(over) << "expired credentials are not given out";
  EXPECT_THAT(over.error().message, Not(HasSubstr("hidden")));
}

TEST(CredentialProvider, RefusesCredentialsThatHaveExpired) {
  const ProcessProfile profile;
  ManualClock clock{kStart};
  CredentialProvider provider{profile.environment(), {}, clock};
  profile.gives("OLD", kStart - minutes{1});
  const auto found = provider.get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::access);
  EXPECT_THAT(found.error().message, HasSubstr("expired at 2025-12-31 23:59:00 UTC"));
}

TEST(CredentialProvider, SeesChangedKeysOfFilesAfterAWhile) {
  const AwsHome home;
  ManualClock clock{kStart};
  CredentialProvider provider{home.environment(), {}, clock};
  home.credentials("[default]\naws_access_key_id = OLD\naws_secret_access_key = s\n");
  EXPECT_EQ(provider.get()->access_key_id, "OLD");
  home.credentials("[default]\naws_access_key_id = NEW\naws_secret_access_key = s\n");
  clock.advance(minutes{16});
  EXPECT_EQ(provider.get()->access_key_id, "NEW");
}

class AssumedRoles : public testing::Test {
 protected:
  // STS as it answers, and the provider that asks it as USER.
  static std::string role_answer(const std::string& key, Micros expires) {
    return CannedServer::ok("<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + key +
                            "</AccessKeyId><SecretAccessKey>hidden-role</SecretAccessKey><SessionToken>t</SessionToken>"
                            "<Expiration>" +
                            iso(expires) + "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>");
  }
  static std::string refusal(const std::string& code, const std::string& message) {
    return CannedServer::ok("<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
                                "</Message></Error></ErrorResponse>",
                            "403 Forbidden");
  }
  CredentialProvider provider(const CannedServer& sts, const AssumedRole& wanted) {
    return {home.environment({{"AWS_ACCESS_KEY_ID", "USER"},
                              {"AWS_SECRET_ACCESS_KEY", "hidden-user"},
                              {"AWS_ENDPOINT_URL_STS", sts.url()}}),
            {.region = "eu-west-1", .role = wanted, .timeout = Milliseconds{5'000}},
            clock};
  }
  AwsHome home;
  ManualClock clock{kStart};
  AssumedRole role{.arn = "arn:aws:iam::123456789012:role/feed"};
};

TEST_F(AssumedRoles, AreAskedForAsTheServiceExpectsAndRenewed) {
  std::string key = "ONE";
  CannedServer sts{[&](const std::string&) { return role_answer(key, clock.now() + hours{1}); }};
  role.external_id = "a&b =";
  role.session_name = "night";
  auto tested = provider(sts, role);
  EXPECT_EQ(tested.get()->access_key_id, "ONE");
  const auto request = sts.requests().at(0);
  EXPECT_THAT(request, HasSubstr("Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole"
                                 "%2Ffeed&RoleSessionName=night&DurationSeconds=3600&ExternalId=a%26b%20%3D"));
  EXPECT_THAT(request, HasSubstr("Credential=USER/20260101/eu-west-1/sts/aws4_request"));
  EXPECT_THAT(request, Not(HasSubstr("hidden")));
  key = "TWO";
  clock.advance(minutes{51});
  EXPECT_EQ(tested.get()->access_key_id, "TWO");
  EXPECT_EQ(sts.requests().size(), 2U);
}

TEST_F(AssumedRoles, ThatAreDeniedSayWhyAndWhatToCheck) {
  CannedServer sts{[&](const std::string&) {
    return refusal("AccessDenied", "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole");
  }};
  const auto found = provider(sts, role).get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::access);
  for (const char* part : {"arn:aws:iam::123456789012:role/feed", "credentials of the environment", "AccessDenied",
                           "arn:aws:iam::1:user/x", "trust policy", "--external-id"})
    EXPECT_THAT(found.error().message, HasSubstr(part));
  EXPECT_THAT(found.error().message, Not(HasSubstr("hidden")));
}

TEST_F(AssumedRoles, ByExpiredCredentialsAreNoMatterOfTrust) {
  CannedServer sts{[&](const std::string&) { return refusal("ExpiredToken", "The security token is expired"); }};
  const auto found = provider(sts, role).get();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("have expired, renew them"));
  EXPECT_THAT(found.error().message, Not(HasSubstr("trust policy")));
}

TEST_F(AssumedRoles, OfAServiceThatFailsAreWorthAnotherTry) {
  CannedServer sts{[&](const std::string&) { return CannedServer::ok("oops", "503 Unavailable"); }};
  const auto found = provider(sts, role).get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(found.error().message, HasSubstr("HTTP 503"));
  EXPECT_THAT(found.error().message, HasSubstr("try again later"));
  EXPECT_EQ(sts.requests().size(), 3U);
}

TEST_F(AssumedRoles, OfAServiceThatHasTooMuchToDoAreAskedForAgain) {
  int asked = 0;
  CannedServer sts{[&](const std::string&) {
    return ++asked < 3 ? refusal("Throttling", "Rate exceeded") : role_answer("ONE", clock.now() + hours{1});
  }};
  const auto found = provider(sts, role).get();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->access_key_id, "ONE");
  EXPECT_EQ(asked, 3);
}

TEST_F(AssumedRoles, OfAServiceThatDoesNotAnswerSayWhatToCheck) {
  std::string gone;
  {
    gone = CannedServer{[](const std::string&) { return std::string{}; }}.url();
  }
  const AssumedRole asked{.arn = role.arn};
  CredentialProvider tested{
      home.environment(
          {{"AWS_ACCESS_KEY_ID", "USER"}, {"AWS_SECRET_ACCESS_KEY", "hidden-user"}, {"AWS_ENDPOINT_URL_STS", gone}}),
      {.region = "eu-west-1", .role = asked, .timeout = Milliseconds{2'000}},
      clock};
  const auto found = tested.get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(found.error().message, HasSubstr("; check that it runs, and AWS_ENDPOINT_URL_STS"));
}

TEST_F(AssumedRoles, OfAServiceThatTalksNonsenseAreNone) {
  CannedServer sts{[&](const std::string&) { return CannedServer::ok("<html>login</html>"); }};
  const auto found = provider(sts, role).get();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("without credentials"));
}

TEST(StsEndpoint, IsTheEnvironmentsOrTheRegions) {
  const auto url = [](std::map<std::string, std::string> variables, const std::optional<std::string>& region) {
    return sts_endpoint(Environment{std::move(variables)}, region).value().url;
  };
  EXPECT_EQ(url({{"AWS_ENDPOINT_URL", "http://a/"}, {"AWS_ENDPOINT_URL_STS", "http://b"}}, "eu-west-1"), "http://b");
  EXPECT_EQ(url({{"AWS_ENDPOINT_URL", "http://a/"}}, "eu-west-1"), "http://a");
  EXPECT_EQ(url({}, "cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(url({}, std::nullopt), "https://sts.amazonaws.com");
}

}  // namespace
}  // namespace stack::aws
