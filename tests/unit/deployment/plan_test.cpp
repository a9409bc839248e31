// What a deployment would make and cost, of parameters and of what is known of the work.
#include "deployment/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace stack::deployment {
namespace {

using testing::HasSubstr;

ParameterValues given(ParameterValues more) {
  more.try_emplace("BucketName", "stack-lake-1");
  return more;
}

bool makes(const DeploymentPlan& plan, std::string_view type) {
  return std::ranges::find(plan.resources, type, &TemplateResource::type) != plan.resources.end();
}

TEST(Plan, MakesTheBrokerThatIsAskedForAndNoOther) {
  const auto machine = plan_deployment(deployment_template(), given({{"Kafka", "ec2"}}), {});
  ASSERT_TRUE(machine) << machine.error().message;
  EXPECT_FALSE(makes(*machine, "AWS::MSK::ServerlessCluster"));
  const auto managed = plan_deployment(deployment_template(), given({{"Kafka", "msk-serverless"}}), {});
  ASSERT_TRUE(managed) << managed.error().message;
  EXPECT_TRUE(makes(*managed, "AWS::MSK::ServerlessCluster"));
  EXPECT_GT(total_of(managed->cost), total_of(machine->cost));
}

TEST(Plan, TakesWhatIsKnownOfTheWorkAndWorksOutTheRest) {
  const auto known = plan_deployment(deployment_template(), given({{"Format", "parquet"}}),
                                     {.events_per_day = 1'000, .stored = {}, .scanned = 3'000'000'000, .crawls = 7});
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_DOUBLE_EQ(known->size.events_per_day, 1'000);
  EXPECT_DOUBLE_EQ(known->size.stored_gb, 1'000 * 365 * bytes_an_event(true) / 1e9);
  EXPECT_DOUBLE_EQ(known->size.scanned_gb, 3);
  EXPECT_DOUBLE_EQ(known->size.crawls, 7);
}

TEST(Plan, RefusesADiskThatTheTopicFillsWithinDays) {
  const auto plan = plan_deployment(deployment_template(),
                                    given({{"Kafka", "ec2"}, {"EventsPerSecond", "100000"}, {"VolumeSize", "20"}}), {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::usage);
  EXPECT_THAT(plan.error().message, HasSubstr("VolumeSize"));
}

TEST(Plan, RefusesANameWithWhichRolesWouldHaveTooLongOnes) {
  // "-compactor-us-east-1" leaves 44.
  EXPECT_TRUE(check_role_names(deployment_template(), std::string(44, 'a'), "us-east-1"));
  const auto refused = check_role_names(deployment_template(), std::string(45, 'a'), "us-east-1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().message, HasSubstr("more than 44"));
  EXPECT_FALSE(check_role_names(deployment_template(), std::string(44, 'a'), "ap-southeast-1"));
  EXPECT_TRUE(check_role_names(deployment_template(), std::string(53, 'a'), ""));
  EXPECT_FALSE(check_role_names(deployment_template(), std::string(54, 'a'), ""));
}

TEST(Template, NamesTheParameterThatIsMeantByOneItDoesNotHave) {
  const auto parsed = parse_parameters(deployment_template(), {"VolumeSise=30"});
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("did you mean VolumeSize?"));
}

TEST(Template, RefusesValuesThatCloudFormationWouldRefuse) {
  for (const std::string wrong : {"LagLimit=abc", "LagLimit=0", "BucketName=A_B", "BucketName=", "LakePrefix=/x",
                                  "ScanLimit=1", "VpcCidr=foo", "VolumeSize=7", "VolumeSize=2048", "EventsPerSecond=0",
                                  "EventsPerSecond=nan", "Kafka=kraft", "KeptImage=debian", "CrawlSchedule=hourly"}) {
    const auto parsed = parse_parameters(deployment_template(), {wrong});
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().kind, ErrorKind::usage);
    EXPECT_THAT(parsed.error().message, HasSubstr(wrong.substr(0, wrong.find('=')) + " is not "));
  }
  const auto taken = parse_parameters(
      deployment_template(),
      {"LagLimit=1", "BucketName=stack-lake-1", "LakePrefix=lake_2", "ScanLimit=10000000", "VpcCidr=10.0.0.0/16",
       "VolumeSize=8", "VpcId=", "KeptImage=ami-0123abcd", "CrawlSchedule=cron(15 * * * ? *)", "SubnetIds=a,b"});
  EXPECT_TRUE(taken) << taken.error().message;
}

TEST(Template, ItsOwnDefaultsAreValuesThatItTakes) {
  std::vector<std::string> defaults;
  for (const auto& parameter : deployment_template().parameters)
    if (!parameter.required) defaults.push_back(std::string{parameter.name} + "=" + std::string{parameter.fallback});
  EXPECT_GT(defaults.size(), 10U);
  const auto parsed = parse_parameters(deployment_template(), defaults);
  EXPECT_TRUE(parsed) << parsed.error().message;
}

}  // namespace
}  // namespace stack::deployment
