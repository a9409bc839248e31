#include "lake/resume_point.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake/folder_store.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using testing::HasSubstr;

const Lane kLane{"ticks", "events", 0};
const TopicIdentity kIdentity{"cluster", "topic-id"};

class ResumePoints : public testing::Test {
 protected:
  Claim put(std::int64_t first, std::int64_t end, bool complete, std::int64_t log_start = 0) {
    Claim claim;
    claim.first = first;
    claim.end = end;
    claim.log_start = log_start;
    claim.cluster_id = kIdentity.cluster_id;
    claim.topic_id = kIdentity.topic_id;
    claim.feed = "feed-a";
    claim.records = 1;
    claim.files = {{"2021-05", 1}};
    EXPECT_TRUE(store_->put_if_absent(claim_key(kLane, first), to_json(claim)));
    if (complete) {
      EXPECT_TRUE(store_->put_if_absent(range_keys(kLane, claim).front(), "{}\n"));
    }
    return claim;
  }
  Result<ResumePoint> find(std::int64_t log_start) { return find_resume_point(*store_, kLane, kIdentity, log_start); }

  TemporaryFolder folder_;
  std::unique_ptr<FolderStore> store_ = FolderStore::open(folder_.path()).value();
};

TEST_F(ResumePoints, ANewLakeBeginsAtTheLogsStart) {
  const auto point = find(500).value();
  EXPECT_EQ(point.first, 0);
  EXPECT_EQ(point.position, 500);
  EXPECT_FALSE(point.adopted);
}

TEST_F(ResumePoints, WithinBoundsANewChainBeginsAtTheLowerOne) {
  const auto point = find_resume_point(*store_, kLane, kIdentity, 500, {.from = 700, .end = 900}).value();
  EXPECT_EQ(point.first, 0);
  EXPECT_EQ(point.position, 700);
  const auto gone = find_resume_point(*store_, kLane, kIdentity, 800, {.from = 700, .end = 900});
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr("700 to 800"));
}

TEST_F(ResumePoints, AChainThatCameToItsBoundNeedsNothingOfTheLog) {
  put(0, 900, true, 700);
  EXPECT_EQ(find_resume_point(*store_, kLane, kIdentity, 5'000, {.from = 700, .end = 900}).value().first, 900);
  EXPECT_FALSE(find_resume_point(*store_, kLane, kIdentity, 5'000, {.from = 700, .end = 901}));
}

TEST_F(ResumePoints, WithinBoundsAChainThatBeganElsewhereIsRefused) {
  put(0, 100, true, 0);
  const auto refused = find_resume_point(*store_, kLane, kIdentity, 0, {.from = 50, .end = 900});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("offset 50"));
}

TEST_F(ResumePoints, GoesOnBehindACompleteChain) {
  put(0, 100, true);
  put(100, 250, true);
  const auto point = find(0).value();
  EXPECT_EQ(point.first, 250);
  EXPECT_EQ(point.position, 250);
  EXPECT_FALSE(point.adopted);
  EXPECT_EQ(point.feed, "feed-a");
}

TEST_F(ResumePoints, FinishesALastClaimWhoseFilesDoNotAllStand) {
  put(0, 100, true);
  const Claim unfinished = put(100, 250, false);
  const auto point = find(0).value();
  EXPECT_EQ(point.first, 100);
  EXPECT_EQ(point.position, 100);
  EXPECT_EQ(point.adopted, unfinished);
}

TEST_F(ResumePoints, TheFirstClaimOfATrimmedLogIsReadFromTheStartItSaw) {
  put(0, 600, false, 500);
  EXPECT_EQ(find(500).value().position, 500);
  const auto later = find(501);
  ASSERT_FALSE(later);
  EXPECT_THAT(later.error().message, HasSubstr("offsets 500 to 501"));
}

TEST_F(ResumePoints, ACompleteChainNeedsTheLogOnlyBehindItsEnd) {
  put(0, 100, true);
  EXPECT_TRUE(find(100));
  const auto trimmed = find(130);
  ASSERT_FALSE(trimmed);
  EXPECT_EQ(trimmed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(trimmed.error().message, HasSubstr("offsets 100 to 130"));
}

TEST(LogsThatLostTheirEnd, AreNamedWithWhatIsMissing) {
  EXPECT_TRUE(check_log_holds(kLane, 100, 100, {.start = 0, .end = 100}));
  EXPECT_TRUE(check_log_holds(kLane, 100, 150, {.start = 100, .end = 170}));
  const auto cut = check_log_holds(kLane, 100, 100, {.start = 0, .end = 70});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::conflict);
  EXPECT_THAT(cut.error().message, HasSubstr("events/0: the log ends at 70, the lake holds offsets up to 100"));
  const auto harmless = check_log_holds(kLane, 60, 100, {.start = 0, .end = 70});
  ASSERT_FALSE(harmless);
  EXPECT_THAT(harmless.error().message, HasSubstr("start the sink again"));
  const auto trimmed = check_log_holds(kLane, 60, 60, {.start = 65, .end = 70});
  ASSERT_FALSE(trimmed);
  EXPECT_THAT(trimmed.error().message, HasSubstr("offsets 60 to 65"));
}

TEST_F(ResumePoints, ATopicMadeAnewIsRefused) {
  put(0, 100, true);
  const auto point = find_resume_point(*store_, kLane, {"cluster", "another-id"}, 0);
  ASSERT_FALSE(point);
  EXPECT_EQ(point.error().kind, ErrorKind::conflict);
  EXPECT_THAT(point.error().message, HasSubstr("made anew"));
}

TEST_F(ResumePoints, WithoutTopicIdsTheClusterDecides) {
  put(0, 100, true);
  EXPECT_TRUE(find_resume_point(*store_, kLane, {"cluster", ""}, 0));
  EXPECT_FALSE(find_resume_point(*store_, kLane, {"other", ""}, 0));
}

TEST_F(ResumePoints, TheTablesFeedIsThatOfItsClaims) {
  EXPECT_EQ(feed_of_table(*store_, "ticks").value(), "");
  put(0, 100, true);
  EXPECT_EQ(feed_of_table(*store_, "ticks").value(), "feed-a");
  EXPECT_EQ(feed_of_table(*store_, "tick").value(), "");
}

}  // namespace
}  // namespace stack::lake
