#include "kafka/admin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "running_broker.hpp"

namespace stack::kafka {
namespace {

using namespace testing_support;  // NOLINT(google-build-using-namespace)
using testing::AllOf;
using testing::HasSubstr;

TEST(Admin, MakesTopicsAsAskedForAndFindsThem) {
  auto admin = Admin::connect(connection_to_shared_broker());
  ASSERT_TRUE(admin) << admin.error().message;
  EXPECT_FALSE(admin->topic("absent").value().has_value());
  const NewTopic wanted{.name = "made",
                        .partitions = 4,
                        .replication = 1,
                        .configs = {{"retention.ms", "-1"}, {"segment.ms", "1000000"}}};
  const auto made = admin->ensure_topic(wanted);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->partitions, 4);
  EXPECT_EQ(made->replication, 1);
  EXPECT_EQ(made->id.size(), 22U);
  EXPECT_EQ(admin->ensure_topic(wanted).value().id, made->id) << "found, not made again";

  auto other = wanted;
  other.partitions = 5;
  const auto refused = admin->ensure_topic(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("made"), HasSubstr("4 partitions"), HasSubstr("not 5")));

  ASSERT_TRUE(admin->delete_topic("made"));
  const auto remade = admin->ensure_topic(wanted);
  ASSERT_TRUE(remade) << remade.error().message;
  EXPECT_NE(remade->id, made->id);
}

TEST(Admin, WhatTheClusterRefusesIsSaid) {
  auto admin = Admin::connect(connection_to_shared_broker());
  ASSERT_TRUE(admin) << admin.error().message;
  const auto replicated = admin->create_topic({.name = "thrice", .partitions = 1, .replication = 3, .configs = {}});
  ASSERT_FALSE(replicated);
  EXPECT_EQ(replicated.error().kind, ErrorKind::usage);
  EXPECT_THAT(replicated.error().message, HasSubstr("thrice"));
  const auto named = admin->create_topic({.name = "no/slash", .partitions = 1, .replication = 1, .configs = {}});
  ASSERT_FALSE(named);
  EXPECT_THAT(named.error().message, HasSubstr("no/slash"));
}

TEST(Admin, OffsetsStopBeforeAnOpenTransaction) {
  const auto topic = make_topic(1);
  auto admin = Admin::connect(connection_to_shared_broker());
  ASSERT_TRUE(admin) << admin.error().message;
  const FeedForTest feed(1);
  auto producer = open_producer(topic);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(feed.commit(**producer, 0, 10));
  // Ten records and the commit's marker, which the broker writes after it has answered.
  EXPECT_EQ(admin->settled_offsets(topic).value().front().end, 11);
  ASSERT_TRUE((*producer)->begin());
  ASSERT_TRUE(feed.send(**producer, 10, 10));
  while ((*producer)->in_flight() > 0) std::this_thread::sleep_for(Milliseconds{5});
  EXPECT_EQ(admin->settled_offsets(topic, Milliseconds{300}).value().front().end, 11);
  ASSERT_TRUE((*producer)->commit());
  EXPECT_EQ(admin->settled_offsets(topic).value().front().end, 22);
}

TEST(Admin, NothingThereIsAnErrorAtTheDeadline) {
  const auto began = std::chrono::steady_clock::now();
  const auto admin =
      Admin::connect({.bootstrap_servers = "127.0.0.1:9", .properties = {}, .connect_timeout = Milliseconds{1'000}});
  ASSERT_FALSE(admin);
  EXPECT_EQ(admin.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(admin.error().message, HasSubstr("127.0.0.1:9"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, Milliseconds{4'000});
}

}  // namespace
}  // namespace stack::kafka
