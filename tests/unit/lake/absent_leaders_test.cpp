// What a sink says of partitions without a leader, and when it ends.
#include "lake/absent_leaders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stack::lake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LeadersThatAreAway : public testing::Test {
 protected:
  using Partitions = std::vector<AbsentLeaders::Partition>;

  LeadersThatAreAway() {
    connection_.bootstrap_servers = "b:9092";
    connection_.connect_timeout = Milliseconds{20'000};
    connection_.on_notice = [this](const std::string& notice) { notices_.push_back(notice); };
  }

  Result<void> look(const Partitions& absent, std::size_t owned, bool bounded, Milliseconds later = Milliseconds{500}) {
    now_ += later;
    return leaders_.look(absent, owned, bounded, now_);
  }

  kafka::Connection connection_;
  std::vector<std::string> notices_;
  AbsentLeaders leaders_{"events", connection_};
  AbsentLeaders::Instant now_{std::chrono::hours{1}};
};

TEST_F(LeadersThatAreAway, AnElectionIsNotWorthAWord) {
  EXPECT_TRUE(look({{1, Milliseconds{2'500}}}, 4, true));
  EXPECT_TRUE(look({}, 4, true));
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(LeadersThatAreAway, AreToldOnceAMinuteAndWhenTheyAreBack) {
  for (int i = 0; i < 130; ++i) EXPECT_TRUE(look({{1, Milliseconds{3'000 + 500 * i}}}, 4, false));
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("no leader for partition 1: waiting; the others go on"),
                                    HasSubstr("no leader for partition 1")));
  EXPECT_TRUE(look({}, 4, false));
  EXPECT_THAT(notices_.back(), HasSubstr("leader again"));
}

TEST_F(LeadersThatAreAway, EndASinkThatWaitsForTheirEnd) {
  EXPECT_TRUE(look({{1, Milliseconds{19'999}}}, 4, true));
  const auto gave_up = look({{1, Milliseconds{20'000}}}, 4, true);
  ASSERT_FALSE(gave_up);
  EXPECT_EQ(gave_up.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(gave_up.error().message, HasSubstr("events/1 at b:9092"));
}

TEST_F(LeadersThatAreAway, EndASinkThatHasNoOtherWork) {
  EXPECT_TRUE(look({{1, Milliseconds{30'000}}, {2, Milliseconds{5'000}}}, 2, false));
  EXPECT_FALSE(look({{1, Milliseconds{30'000}}, {2, Milliseconds{20'000}}}, 2, false));
}

}  // namespace
}  // namespace stack::lake
