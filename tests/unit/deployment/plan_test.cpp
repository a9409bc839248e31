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

TEST(Template, NamesTheParameterThatIsMeantByOneItDoesNotHave) {
  const auto parsed = parse_parameters(deployment_template(), {"VolumeSise=30"});
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("did you mean VolumeSize?"));
}

}  // namespace
}  // namespace stack::deployment
