#include "aws/endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "aws_home.hpp"

namespace stack::aws {
namespace {

using testing::HasSubstr;

std::string host(std::string_view service, const std::string& region, EndpointVariant variant = {}) {
  const auto endpoint = aws_endpoint(service, region, variant);
  return endpoint ? endpoint->url : "error: " + endpoint.error().message;
}

// That all hosts are those of AWS's own SDK, in every region, tests/integration/aws checks.
TEST(Endpoint, IsAwssOwnInTheRegion) {
  EXPECT_EQ(host("glue", "eu-west-1"), "https://glue.eu-west-1.amazonaws.com");
  EXPECT_EQ(host("glue", "eu-west-1", {.fips = true}), "https://glue-fips.eu-west-1.amazonaws.com");
  EXPECT_EQ(host("athena", "eu-west-1", {.dual_stack = true}), "https://athena.eu-west-1.api.aws");
  EXPECT_EQ(host("s3", "eu-west-1", {.fips = true, .dual_stack = true}),
            "https://s3-fips.dualstack.eu-west-1.amazonaws.com");
  EXPECT_EQ(host("glue", "cn-north-1"), "https://glue.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(aws_endpoint("iam", "eu-west-1", {}).value().region, "us-east-1");
  EXPECT_THAT(host("s3", "cn-north-1", {.fips = true}), HasSubstr("AWS_ENDPOINT_URL_S3"));
  EXPECT_THAT(host("glue", "no region"), HasSubstr("not an AWS region"));
}

TEST(Endpoint, IsTheOneThatTheEnvironmentNamesTheServicesFirst) {
  const auto of = [](std::map<std::string, std::string> variables) {
    return endpoint_of("glue", "eu-west-1", Environment{std::move(variables)}).value();
  };
  EXPECT_EQ(of({{"AWS_ENDPOINT_URL", "http://all/"}}).url, "http://all");
  EXPECT_EQ(of({{"AWS_ENDPOINT_URL", "http://all"}, {"AWS_ENDPOINT_URL_GLUE", "http://glue"}}).url, "http://glue");
  EXPECT_TRUE(of({{"AWS_ENDPOINT_URL", "http://all"}}).configured);
  EXPECT_FALSE(of({{"AWS_ENDPOINT_URL_ATHENA", "http://athena"}}).configured);
  const auto ignored = of({{"AWS_ENDPOINT_URL", "http://all"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}});
  EXPECT_EQ(ignored.url, "https://glue.eu-west-1.amazonaws.com");
  EXPECT_EQ(of({{"AWS_USE_FIPS_ENDPOINT", "true"}, {"AWS_USE_DUALSTACK_ENDPOINT", "TRUE"}}).url,
            "https://glue-fips.eu-west-1.api.aws");
  const auto wrong = endpoint_of("glue", "eu-west-1", Environment{{{"AWS_USE_FIPS_ENDPOINT", "yes"}}});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("AWS_USE_FIPS_ENDPOINT: \"yes\" is neither true nor false"));
}

TEST(Endpoint, IsTheOneThatTheProfileNames) {
  const testing_support::AwsHome home;
  home.config(
      "[profile p]\nservices = mine\nendpoint_url = http://all\nuse_fips_endpoint = true\n"
      "[profile q]\nuse_dualstack_endpoint = true\n"
      "[services mine]\nglue =\n  endpoint_url = http://glue\n");
  const auto of = [&](const std::string& profile, std::string_view service) {
    return endpoint_of(service, "eu-west-1", home.environment({{"AWS_PROFILE", profile}})).value().url;
  };
  EXPECT_EQ(of("p", "glue"), "http://glue");
  EXPECT_EQ(of("p", "athena"), "http://all");
  EXPECT_EQ(of("q", "athena"), "https://athena.eu-west-1.api.aws");
}

}  // namespace
}  // namespace stack::aws
