#include "aws/region.hpp"

#include <gtest/gtest.h>

namespace stack::aws {
namespace {

TEST(Region, IsReadFromTheNamesOfMskBrokers) {
  EXPECT_EQ(region_of_servers("b-1.name.abc123.c2.kafka.eu-west-1.amazonaws.com:9098"), "eu-west-1");
  EXPECT_EQ(region_of_servers("boot-x1.c3.kafka-serverless.us-east-2.amazonaws.com:9098"), "us-east-2");
  EXPECT_EQ(region_of_servers("127.0.0.1:1,b-1.n.a.c2.kafka.cn-north-1.amazonaws.com.cn:9098"), "cn-north-1");
  EXPECT_EQ(region_of_servers("b-1-public.n.a.c2.kafka.us-gov-west-1.amazonaws.com:9198"), "us-gov-west-1");
}

TEST(Region, IsNotGuessedFromOtherNames) {
  for (const char* servers :
       {"", "127.0.0.1:9092", "a.kafka.example.com:9092", "kafka.eu-west-1.amazonaws.com:9098",
        "b.kafka..amazonaws.com:9098", "b.kafka.EU.amazonaws.com", "b.kafka.eu-west-1.example.com"})
    EXPECT_EQ(region_of_servers(servers), std::nullopt) << servers;
}

TEST(Region, BecomesPartOfAHostAndSoIsChecked) {
  EXPECT_TRUE(check_region("ap-southeast-4"));
  for (const char* wrong : {"", "eu-west-1.evil.com", "eu/west", "-eu", "EU-WEST-1", "eu west", "eu-west-1\n"})
    EXPECT_FALSE(check_region(wrong)) << wrong;
}

TEST(Region, HasTheDomainOfItsPartition) {
  EXPECT_EQ(domain_of("eu-west-1"), "amazonaws.com");
  EXPECT_EQ(domain_of("us-gov-west-1"), "amazonaws.com");
  EXPECT_EQ(domain_of("cn-northwest-1"), "amazonaws.com.cn");
}

}  // namespace
}  // namespace stack::aws
