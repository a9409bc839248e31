#include "aws/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>

#include "aws/s3_client.hpp"
#include "aws/service_client.hpp"
#include "scripted_server.hpp"

namespace stack::aws {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing_support::ScriptedServer;

// A variable of the process's environment, for as long as a test runs.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

Result<std::optional<Proxy>> proxy_to(const char* url) { return proxy_of(parse_url(url).value()); }

std::string nobody() {
  const ScriptedServer gone({std::string{}});
  return gone.url().substr(std::string_view("http://").size());
}

TEST(Proxy, IsThatOfTheEnvironmentForTlsAlone) {
  EXPECT_FALSE(proxy_to("https://glue.eu-west-1.amazonaws.com").value());
  const Variable proxy{"HTTPS_PROXY", "http://user:hidden@proxy.example:3128"};
  EXPECT_FALSE(proxy_to("http://glue.eu-west-1.amazonaws.com").value());
  const auto way = proxy_to("https://glue.eu-west-1.amazonaws.com").value();
  ASSERT_TRUE(way);
  EXPECT_EQ(way->variable, "HTTPS_PROXY");
  EXPECT_EQ(way->authority, "proxy.example:3128");
  const Variable before{"https_proxy", "other.example:1"};
  EXPECT_EQ(proxy_to("https://glue.eu-west-1.amazonaws.com").value()->authority, "other.example:1");
  const Variable spared{"NO_PROXY", "localhost,.amazonaws.com"};
  EXPECT_FALSE(proxy_to("https://glue.eu-west-1.amazonaws.com").value());
}

TEST(Proxy, ThatIsNoneIsRefusedBeforeAnythingIsSent) {
  for (const char* value : {"nonsense://", "socks5://proxy:1", "http://user:hidden@", "http://proxy:port"}) {
    const Variable proxy{"HTTPS_PROXY", value};
    const auto pool = HttpPool::open("https://glue.eu-west-1.amazonaws.com", 1);
    ASSERT_FALSE(pool) << value;
    EXPECT_EQ(pool.error().kind, ErrorKind::usage);
    EXPECT_THAT(pool.error().message,
                AllOf(HasSubstr("HTTPS_PROXY: "), HasSubstr("is no URL of a proxy (http://HOST:PORT)"),
                      Not(HasSubstr("hidden"))));
    const auto call = http_call({.url = "https://sts.eu-west-1.amazonaws.com"}, std::chrono::steady_clock::now());
    ASSERT_FALSE(call) << value;
    EXPECT_EQ(call.error().kind, ErrorKind::usage);
  }
}

TEST(Proxy, ThatRefusesIsNamedWithoutItsLogin) {
  const auto place = nobody();
  const Variable proxy{"HTTPS_PROXY", "http://user:hidden@" + place};
  const Environment keys{{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "secret"}}};
  const SystemClock clock;
  const auto credentials = std::make_shared<CredentialProvider>(keys, ProviderOptions{}, clock);
  const auto glue =
      ServiceClient::open(kGlue, {.region = "eu-west-1", .patience = Milliseconds{1}}, credentials, clock, keys);
  const auto s3 = S3Client::open({.name = "bkt", .region = "eu-west-1"}, credentials, clock, Milliseconds{1'000});
  for (const auto& message :
       {glue.value()->call("GetTables", "{}").error().message, s3.value()->call({.key = "k"}).error().message,
        http_call({.url = "https://sts.eu-west-1.amazonaws.com"},
                  std::chrono::steady_clock::now() + std::chrono::seconds{5})
            .error()
            .message})
    EXPECT_THAT(message,
                AllOf(HasSubstr("by way of the proxy " + place + " (HTTPS_PROXY): "), Not(HasSubstr("hidden"))));
  EXPECT_THAT(glue.value()->call("GetTables", "{}").error().message, HasSubstr("; check the proxy, HTTPS_PROXY"));
  EXPECT_THAT(s3.value()->call({.key = "k"}).error().message, HasSubstr("; check the proxy, HTTPS_PROXY"));
}

}  // namespace
}  // namespace stack::aws
