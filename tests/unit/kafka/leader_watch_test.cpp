// How long partitions have had no leader, by librdkafka's statistics.
#include "kafka/leader_watch.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace stack::kafka {
namespace {

class Leaders : public testing::Test {
 protected:
  // Partition 0 is led by node 1, which is up; partition 1 by LEADER; node 2 is in STATE, the coordinator's connection
  // up.
  void see(int leader, std::string_view state, Milliseconds later = Milliseconds{500},
           std::string_view group_state = "up") {
    now_ += later;
    watch_.see(
        fmt::format(R"({{"brokers":{{"a:1/1":{{"nodeid":1,"state":"UP"}},"b:1/2":{{"nodeid":2,"state":"{}"}},)"
                    R"("GroupCoordinator":{{"nodeid":-1,"state":"UP"}}}},"topics":{{"other":{{"partitions":{{}}}},)"
                    R"("events":{{"partitions":{{"0":{{"partition":0,"leader":1}},)"
                    R"("1":{{"partition":1,"leader":{}}},"-1":{{"partition":-1,"leader":-1}}}}}}}},)"
                    R"("cgrp":{{"state":"{}"}}}})",
                    state, leader, group_state),
        now_);
  }

  LeaderWatch watch_{"events"};
  LeaderWatch::Instant now_{std::chrono::hours{1}};
};

TEST_F(Leaders, ThePartitionThatNoneLeadsIsCounted) {
  for (int i = 0; i < 4; ++i) see(-1, "UP");
  EXPECT_EQ(watch_.absence(0), Milliseconds{0});
  EXPECT_EQ(watch_.absence(1), Milliseconds{1'500});
  ASSERT_TRUE(watch_.longest());
  EXPECT_EQ(watch_.longest()->partition, 1);
  see(2, "UP");
  EXPECT_EQ(watch_.absence(1), Milliseconds{0});
  EXPECT_FALSE(watch_.longest());
}

TEST_F(Leaders, ALeaderThatCannotBeReachedIsNone) {
  for (int i = 0; i < 3; ++i) see(2, "CONNECT");
  EXPECT_EQ(watch_.absence(1), Milliseconds{1'000});
}

TEST_F(Leaders, AProcessThatWasStoppedBlamesNobody) {
  see(-1, "UP");
  see(-1, "UP", std::chrono::hours{3});
  EXPECT_EQ(watch_.absence(1), Milliseconds{2'000});
}

TEST_F(Leaders, TheCoordinatorIsWatchedToo) {
  for (int i = 0; i < 3; ++i) see(2, "UP", Milliseconds{500}, "wait-coord");
  EXPECT_EQ(watch_.coordinator_absence(), Milliseconds{1'000});
  see(2, "UP");
  EXPECT_EQ(watch_.coordinator_absence(), Milliseconds{0});
}

TEST_F(Leaders, WhatIsNoJsonChangesNothing) {
  see(-1, "UP");
  see(-1, "UP");
  watch_.see("{\"topics\":", now_);
  EXPECT_EQ(watch_.absence(1), Milliseconds{500});
  EXPECT_EQ(watch_.absence(7), Milliseconds{0});
}

}  // namespace
}  // namespace stack::kafka
