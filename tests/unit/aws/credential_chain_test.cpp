// The order in which credentials are looked for, and what is said when they are not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "aws/credential_sources.hpp"
#include "aws_home.hpp"
#include "canned_server.hpp"

namespace stack::aws {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;
using testing_support::AwsHome;
using testing_support::CannedServer;

constexpr const char* kKeys = "aws_access_key_id = FILE\naws_secret_access_key = hidden-file\n";

Result<Credentials> find(const Environment& environment, std::chrono::milliseconds patience = std::chrono::seconds{5}) {
  STACK_TRY_ASSIGN(profiles, ProfileFiles::load(environment));
  const SystemClock clock;
  CredentialSearch search{.environment = environment,
                          .profiles = profiles,
                          .region = "eu-west-1",
                          .clock = clock,
                          .deadline = steady_clock::now() + patience};
  return find_credentials(search);
}

TEST(CredentialChain, TakesTheEnvironmentFirst) {
  const AwsHome home;
  home.credentials(std::string{"[default]\n"} + kKeys);
  const auto found = find(home.environment(
      {{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "hidden-env"}, {"AWS_SESSION_TOKEN", "hidden-token"}}));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->access_key_id, "ENV");
  EXPECT_EQ(found->session_token, "hidden-token");
}

TEST(CredentialChain, TakesTheProfileThatIsNamed) {
  const AwsHome home;
  home.credentials(std::string{"[default]\naws_access_key_id = A\naws_secret_access_key = b\n[dev]\n"} + kKeys);
  EXPECT_EQ(find(home.environment())->access_key_id, "A");
  EXPECT_EQ(find(home.environment({{"AWS_PROFILE", "dev"}}))->access_key_id, "FILE");
  const auto missing = find(home.environment({{"AWS_PROFILE", "prod"}}));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::usage);
  EXPECT_THAT(missing.error().message, HasSubstr("AWS_PROFILE=prod"));
}

TEST(CredentialChain, TakesFilesFromWhereTheEnvironmentSays) {
  const AwsHome home;
  home.write("elsewhere", std::string{"[default]\n"} + kKeys);
  EXPECT_EQ(find(home.environment({{"AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere"}}))->access_key_id, "FILE");
  EXPECT_EQ(find(home.environment({{"AWS_CONFIG_FILE", home.path() / "elsewhere"}}))->access_key_id, "FILE");
}

TEST(CredentialChain, NamesAllThatWasTriedInItsOrderAndWhyEachGaveNone) {
  const AwsHome home;
  const auto found = find(home.environment());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::access);
  std::size_t at = 0;
  for (const char* source :
       {"the environment (AWS_ACCESS_KEY_ID is not set)", "a web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)",
        "profile default (in no config or credentials file)",
        "a container's role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set)",
        "the instance's role (AWS_EC2_METADATA_DISABLED is set)"}) {
    const auto next = found.error().message.find(source, at);
    ASSERT_NE(next, std::string::npos) << source << " in " << found.error().message;
    at = next;
  }
}

TEST(CredentialChain, StopsAtASourceThatIsSetUpWrong) {
  const AwsHome home;
  home.credentials(std::string{"[default]\n"} + kKeys);
  const auto half = find(home.environment({{"AWS_SECRET_ACCESS_KEY", "hidden-env"}}));
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().message, HasSubstr("AWS_SECRET_ACCESS_KEY without AWS_ACCESS_KEY_ID"));
  EXPECT_THAT(half.error().message, Not(HasSubstr("hidden")));
  const auto identity = find(home.environment({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere"}, {"AWS_ROLE_ARN", "r"}}));
  ASSERT_FALSE(identity);
  EXPECT_THAT(identity.error().message, HasSubstr("/nowhere"));
}

TEST(CredentialChain, FollowsProfilesAndStopsAtCircles) {
  const AwsHome home;
  home.config(
      "[profile a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n"
      "[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = a\n"
      "[profile lost]\nrole_arn = arn:aws:iam::1:role/c\nsource_profile = none\n"
      "[profile alone]\nrole_arn = arn:aws:iam::1:role/d\n"
      "[profile odd]\nrole_arn = arn:aws:iam::1:role/e\ncredential_source = Moon\n"
      "[profile second]\nrole_arn = arn:aws:iam::1:role/f\nsource_profile = a\nmfa_serial = x\n");
  const auto error_of = [&](const char* profile) {
    const auto found = find(home.environment({{"AWS_PROFILE", profile}}));
    return found ? std::string{"found"} : found.error().message;
  };
  EXPECT_THAT(error_of("a"), HasSubstr("refers to itself"));
  EXPECT_THAT(error_of("lost"), HasSubstr("source_profile none does not exist"));
  EXPECT_THAT(error_of("alone"), HasSubstr("neither source_profile"));
  EXPECT_THAT(error_of("odd"), HasSubstr("\"Moon\""));
  EXPECT_THAT(error_of("second"), HasSubstr("mfa_serial"));
}

TEST(CredentialChain, RunsTheProcessOfAProfile) {
  const AwsHome home;
  home.config(
      "[profile good]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"s\"}'\n"
      "[profile bad]\ncredential_process = echo hidden-output; exit 3\n"
      "[profile odd]\ncredential_process = echo hidden-output\n"
      "[profile slow]\ncredential_process = sleep 60\n");
  const auto of = [&](const char* profile) {
    return find(home.environment({{"AWS_PROFILE", profile}}), std::chrono::seconds{2});
  };
  EXPECT_EQ(of("good")->access_key_id, "P");
  EXPECT_THAT(of("bad").error().message, HasSubstr("failed with 3"));
  EXPECT_THAT(of("bad").error().message, Not(HasSubstr("hidden")));
  EXPECT_THAT(of("odd").error().message, HasSubstr("printed no credentials"));
  EXPECT_THAT(of("odd").error().message, Not(HasSubstr("hidden")));
  const auto began = steady_clock::now();
  EXPECT_THAT(of("slow").error().message, HasSubstr("did not end in time"));
  EXPECT_LT(steady_clock::now() - began, std::chrono::seconds{6});
}

TEST(CredentialChain, DoesNotWaitForAMetadataServiceThatIsNotThere) {
  const AwsHome home;
  CannedServer silent{[](const std::string&) { return std::string{}; }};
  // One that takes the connection and says nothing, and an address that is routed nowhere (RFC 5737).
  for (const auto& endpoint : {silent.url(), std::string{"http://192.0.2.1"}}) {
    const auto began = steady_clock::now();
    const auto found = find(
        home.environment({{"AWS_EC2_METADATA_DISABLED", "false"}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint}}));
    EXPECT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr("the instance's role ("));
    EXPECT_LT(steady_clock::now() - began, std::chrono::seconds{4}) << endpoint;
  }
}

TEST(CredentialChain, AsksNoMetadataServiceThatIsSwitchedOff) {
  const AwsHome home;
  CannedServer server{[](const std::string&) { return CannedServer::ok("x"); }};
  const auto found = find(
      home.environment({{"AWS_EC2_METADATA_DISABLED", "TRUE"}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}}));
  EXPECT_FALSE(found);
  EXPECT_TRUE(server.requests().empty());
}

TEST(CredentialChain, RefusesSettingsOfTheMetadataServiceThatAreNone) {
  const AwsHome home;
  // Any value but true leaves it on, as AWS's own tools have it.
  const auto found =
      find(home.environment({{"AWS_EC2_METADATA_DISABLED", "yes"}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "foo"}}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::usage);
  EXPECT_THAT(found.error().message, HasSubstr("AWS_EC2_METADATA_SERVICE_ENDPOINT: \"foo\" is n"));
}

TEST(CredentialChain, NamesTheVariableOfAContainerThatDoesNotAnswer) {
  const AwsHome home;
  std::string gone;
  {
    CannedServer server{[](const std::string&) { return CannedServer::ok("x", "500 No"); }};
    gone = server.url();
    const auto found = find(home.environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url()}}));
    EXPECT_THAT(found.error().message, HasSubstr("HTTP 500; check AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  }
  CannedServer silent{[](const std::string&) { return std::string{}; }};
  for (const auto& url : {gone, silent.url()}) {
    const auto found =
        find(home.environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}}), std::chrono::milliseconds{300});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::unreachable);
    EXPECT_THAT(found.error().message, HasSubstr("; check AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  }
}

TEST(CredentialChain, SendsAContainersTokenNowhereElse) {
  const AwsHome home;
  for (const char* url : {"http://example.com/x", "http://169.254.170.2.example.com/", "http://localhost.example.com/",
                          "http://127.example.com/", "http://user@example.com:80/"}) {
    const auto found = find(home.environment(
        {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"}}));
    ASSERT_FALSE(found) << url;
    EXPECT_EQ(found.error().kind, ErrorKind::usage) << url;
    EXPECT_THAT(found.error().message, HasSubstr("neither https nor on this machine")) << url;
  }
}

}  // namespace
}  // namespace stack::aws
