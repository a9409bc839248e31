#include "lake/topic_bounds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stack::lake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const kafka::TopicFacts kTopic{.name = "events", .id = "topic-id", .partitions = 2, .replication = 1};
const TopicIdentity kIdentity{"cluster", "topic-id"};
const std::vector<kafka::OffsetRange> kLogs{{10, 100}, {0, 50}};

BoundsRequest by_offset(std::string_view from, std::string_view to) {
  BoundsRequest request;
  if (!from.empty()) request.from_offset = parse_offset_choice(from);
  if (!to.empty()) request.to_offset = parse_offset_choice(to);
  return request;
}

Result<TopicBounds> decide(const BoundsRequest& request, const std::vector<std::int64_t>& starts = {},
                           const std::vector<std::int64_t>& ends = {}) {
  return bounds_of(request, kTopic, kIdentity, kLogs, starts, ends);
}

TEST(OffsetChoices, AreOneOffsetOrOneOfEachPartition) {
  EXPECT_EQ(parse_offset_choice("17")->all, 17);
  EXPECT_THAT(parse_offset_choice("3:1,0:25")->by_partition, ElementsAre(std::pair{0, 25}, std::pair{3, 1}));
  for (const char* wrong : {"", "-1", "1,2", "0:", ":5", "0:1,", "0:1,0:2", "0:-1", "a", "1.5", "0:1:2", " 1",
                            "99999999999999999999", "9999999999:1"})
    EXPECT_FALSE(parse_offset_choice(wrong)) << wrong;
}

TEST(Bounds, OfOffsetsAreTheSameForEveryPartition) {
  const TopicBounds bounds = decide(by_offset("20", "30")).value();
  EXPECT_EQ(bounds.of(0), (PartitionBounds{20, 30}));
  EXPECT_EQ(bounds.of(1), (PartitionBounds{20, 30}));
  EXPECT_TRUE(bounds.has_end());
  EXPECT_TRUE(bounds.of(2).is_nothing());  // added later
}

TEST(Bounds, BeginWhereTheLogDoesUnlessToldOtherwise) {
  const TopicBounds bounds = decide(by_offset("", "60")).value();
  EXPECT_EQ(bounds.of(0), (PartitionBounds{10, 60}));
  EXPECT_EQ(bounds.of(1), (PartitionBounds{0, 60}));
}

TEST(Bounds, WithoutAnEndTakePartitionsThatComeLater) {
  const TopicBounds bounds = decide(by_offset("20", "")).value();
  EXPECT_FALSE(bounds.has_end());
  EXPECT_EQ(bounds.of(1), (PartitionBounds{20, PartitionBounds::kOpen}));
  EXPECT_EQ(bounds.of(7), PartitionBounds{});
  EXPECT_FALSE(bounds.of(7).is_nothing());
}

TEST(Bounds, LeaveOutPartitionsThatAreNotNamed) {
  const TopicBounds bounds = decide(by_offset("1:20", "")).value();
  EXPECT_TRUE(bounds.of(0).is_nothing());
  EXPECT_FALSE(bounds.of(1).is_nothing());
  EXPECT_TRUE(bounds.of(2).is_nothing());
  EXPECT_FALSE(bounds.has_end());
}

TEST(Bounds, OfTimesEndAtTheLogsEndWhereNothingIsLater) {
  BoundsRequest request;
  request.from_time = Micros{};
  request.to_time = Micros{std::chrono::seconds{1}};
  const TopicBounds bounds = decide(request, {12, -1}, {-1, -1}).value();
  EXPECT_EQ(bounds.of(0), (PartitionBounds{12, 100}));
  EXPECT_EQ(bounds.of(1), (PartitionBounds{50, 50}));
  // Records out of the order of their times: the first not before the end may lie before the first not before the
  // begin.
  EXPECT_EQ(decide(request, {40, 0}, {30, 10}).value().of(0), (PartitionBounds{40, 40}));
}

TEST(Bounds, ThatTheTopicDoesNotHaveAreRefused) {
  for (const auto& [from, to, words] :
       {std::tuple{"9", "", "begins at 10"}, std::tuple{"60", "", "ends at 50"},
        std::tuple{"20", "15", "end before it"}, std::tuple{"2:0", "", "no partition 2"},
        std::tuple{"0:20", "1:30", "the same partitions"}}) {
    const auto refused = decide(by_offset(from, to));
    ASSERT_FALSE(refused) << from << " " << to;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_THAT(refused.error().message, HasSubstr(words));
  }
}

TEST(Bounds, AreReadBackAsTheyWereWritten) {
  for (const auto& request : {by_offset("20", "30"), by_offset("20", ""), by_offset("1:20", "1:20")}) {
    const TopicBounds bounds = decide(request).value();
    EXPECT_EQ(parse_bounds(to_json(bounds), "it").value(), bounds);
  }
  for (
      const char* wrong :
      {"", "[]", "{}",
       R"({"version":2,"cluster_id":"","topic_id":"","asked":"","takes_new_partitions":true,"partitions":[]})",
       R"({"version":1,"cluster_id":"","topic_id":"","asked":"","takes_new_partitions":true,"partitions":[{"from":5,"end":4}]})"})
    EXPECT_EQ(parse_bounds(wrong, "it").error().kind, ErrorKind::conflict) << wrong;
}

TEST(Bounds, SayTheirRequestInOneSpelling) {
  EXPECT_EQ(by_offset("1:5,0:7", "9").text(), "--from-offset 0:7,1:5 --to-offset 9");
  BoundsRequest request;
  request.from_time = Micros{};
  EXPECT_EQ(request.text(), "--from-time 1970-01-01 00:00:00.000000");
  EXPECT_TRUE(BoundsRequest{}.is_empty());
}

}  // namespace
}  // namespace stack::lake
