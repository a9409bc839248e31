#include "kafka/feed_topic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace stack::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TopicConfigs ours(RecordTimes times = RecordTimes::event) {
  TopicConfigs configs;
  for (const auto& [name, value] : feed_topic_configs(times)) configs[name] = value;
  configs["message.timestamp.type"] = "CreateTime";
  return configs;
}

// https://docs.aws.amazon.com/msk/latest/developerguide/serverless-config.html
TEST(FeedTopic, MskServerlessTakesWhatIsSentUnderTheTimeOfSending) {
  const std::set<std::string> takes = {
      "cleanup.policy",         "compression.type", "max.message.bytes", "message.timestamp.difference.max.ms",
      "message.timestamp.type", "retention.bytes",  "retention.ms"};
  for (const auto& [name, value] : feed_topic_configs(RecordTimes::sent)) EXPECT_TRUE(takes.contains(name)) << name;
  EXPECT_TRUE(check_feed_topic("t", ours(RecordTimes::sent), RecordTimes::sent));
}

TEST(FeedTopic, OursKeepAnyFeed) {
  EXPECT_TRUE(check_feed_topic("t", ours(), RecordTimes::sent));
  EXPECT_TRUE(check_feed_topic("t", ours(), RecordTimes::event));
}

TEST(FeedTopic, EventsToComeWantATopicThatTakesThem) {
  EXPECT_TRUE(check_feed_topic("t", ours(RecordTimes::event_to_come), RecordTimes::event_to_come));
  EXPECT_TRUE(check_feed_topic("t", ours(), RecordTimes::event_to_come)) << "Kafka before 3.6 knows no such setting";
  auto configs = ours();
  configs["message.timestamp.after.max.ms"] = "3600000";  // the default of Kafka 4
  EXPECT_TRUE(check_feed_topic("t", configs, RecordTimes::event));
  const auto checked = check_feed_topic("quotes", configs, RecordTimes::event_to_come);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::conflict);
  EXPECT_THAT(checked.error().message, HasSubstr("message.timestamp.after.max.ms=3600000"));
}

TEST(FeedTopic, KafkasDefaultsKeepWhatCarriesTheTimeOfSending) {
  auto configs = ours();
  configs["retention.ms"] = "604800000";
  configs["segment.ms"] = "604800000";
  EXPECT_TRUE(check_feed_topic("t", configs, RecordTimes::sent));
}

TEST(FeedTopic, CompactionIsRefusedWhateverTheTimes) {
  auto configs = ours();
  for (const auto* policy : {"compact", "compact,delete"}) {
    configs["cleanup.policy"] = policy;
    const auto checked = check_feed_topic("quotes", configs, RecordTimes::sent);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ErrorKind::conflict);
    EXPECT_THAT(checked.error().message, AllOf(HasSubstr("topic quotes"), HasSubstr("cleanup.policy=delete")));
  }
}

TEST(FeedTopic, WhatWouldDeleteOrChangeEventTimesIsRefused) {
  for (const auto& [name, value] : TopicConfigs{{"retention.ms", "604800000"},
                                                {"segment.ms", "604800000"},
                                                {"message.timestamp.type", "LogAppendTime"},
                                                {"message.timestamp.before.max.ms", "604800000"},
                                                {"message.timestamp.difference.max.ms", "604800000"}}) {
    auto configs = ours();
    configs[name] = value;
    const auto checked = check_feed_topic("quotes", configs, RecordTimes::event);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().kind, ErrorKind::conflict);
    EXPECT_THAT(checked.error().message, HasSubstr(name + "=" + value));
  }
}

}  // namespace
}  // namespace stack::kafka
