#include "lake/compaction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "lake/claim.hpp"
#include "lake/compaction_plan.hpp"
#include "lake/expiry.hpp"
#include "lake/folder_store.hpp"
#include "lake/merged_files.hpp"
#include "lake/open_range.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Lane kLane{"ticks", "events", 0};

MergeCandidate file(std::int64_t first, std::int64_t end, std::uint64_t size = 10, bool settled = true) {
  return {.key = data_key(kLane, "2021", first, "ndjson"),
          .first = first,
          .end = end,
          .size = size,
          .rows = 1,
          .columns = {},
          .settled = settled};
}

std::vector<std::pair<std::int64_t, std::int64_t>> extents(const CompactionRecord& record) {
  std::vector<std::pair<std::int64_t, std::int64_t>> found;
  for (const Merge& merge : record.merges) found.emplace_back(merge.first, merge.end);
  return found;
}

TEST(CompactionPlan, NeighboursAreMergedUpToTheTarget) {
  const std::vector files{file(0, 5), file(5, 9), file(9, 20), file(20, 30), file(30, 31)};
  EXPECT_THAT(extents(plan_merges(kLane, "2021", files, 30)), ElementsAre(std::pair(0, 20), std::pair(20, 31)));
  EXPECT_THAT(extents(plan_merges(kLane, "2021", files, 1'000)), ElementsAre(std::pair(0, 31)));
}

TEST(CompactionPlan, WhatIsLargeYoungOrOfAnotherFormPartsTheRuns) {
  const std::vector large{file(0, 5), file(5, 9), file(9, 20, 500), file(20, 30), file(30, 31)};
  EXPECT_THAT(extents(plan_merges(kLane, "2021", large, 100)), ElementsAre(std::pair(0, 9), std::pair(20, 31)));
  const std::vector young{file(0, 5), file(5, 9), file(9, 20), file(20, 30, 10, false), file(30, 31, 10, false)};
  EXPECT_THAT(extents(plan_merges(kLane, "2021", young, 100)), ElementsAre(std::pair(0, 20)));
  std::vector forms{file(0, 5), file(5, 9), file(9, 20), file(20, 30)};
  forms[2].compression = forms[3].compression = Compression::gzip;
  EXPECT_THAT(extents(plan_merges(kLane, "2021", forms, 1'000)), ElementsAre(std::pair(0, 9)));
}

TEST(CompactionPlan, OneFileIsNoMerge) {
  EXPECT_THAT(plan_merges(kLane, "2021", std::vector{file(0, 5)}, 100).merges, IsEmpty());
  EXPECT_THAT(plan_merges(kLane, "2021", std::vector{file(0, 5, 90), file(5, 9, 90)}, 100).merges, IsEmpty());
  EXPECT_THAT(plan_merges(kLane, "2021", {}, 100).merges, IsEmpty());
}

TEST(CompactionRecords, SayWhatTheySaid) {
  CompactionRecord record{
      .dt = "2021-05", .format = FileFormat::parquet, .compression = Compression::zstd, .merges = {}};
  record.merges.push_back({.output = "o", .first = 1, .end = 9, .rows = 3, .inputs = {"a \"b\"", "c"}});
  record.merges.push_back({.output = "p", .first = 9, .end = 11, .rows = 2, .inputs = {"d", "e"}});
  EXPECT_EQ(parse_compaction_record(to_json(record), "r").value(), record);
  EXPECT_FALSE(parse_compaction_record("{}", "r"));
  EXPECT_FALSE(parse_compaction_record("nonsense", "r"));
}

std::vector<std::string> live(std::vector<std::string> keys) {
  std::vector<ObjectInfo> objects;
  for (std::string& key : keys) objects.push_back({std::move(key), 1, {}});
  take_superseded(objects);
  std::vector<std::string> left;
  for (const ObjectInfo& object : objects) left.push_back(object.key);
  return left;
}

TEST(MergedFiles, SupersedeWhatTheyCoverInTheirPartitionAndDtAlone) {
  const std::string merged = merged_key(kLane, "2021", 0, 20, "ndjson");
  const std::string other_dt = data_key(kLane, "2020", 5, "ndjson");
  const std::string other_partition = data_key({"ticks", "events", 1}, "2021", 5, "ndjson");
  const std::string behind = data_key(kLane, "2021", 20, "ndjson");
  EXPECT_THAT(live({merged, data_key(kLane, "2021", 0, "ndjson"), data_key(kLane, "2021", 9, "ndjson"), other_dt,
                    other_partition, behind, "ticks/dt=2021/foreign.ndjson"}),
              ElementsAre(merged, other_dt, other_partition, behind, "ticks/dt=2021/foreign.ndjson"));
}

TEST(MergedFiles, MergedAgainTheLargestCounts) {
  const std::string larger = merged_key(kLane, "2021", 0, 40, "ndjson");
  EXPECT_THAT(live({larger, merged_key(kLane, "2021", 0, 20, "ndjson"), data_key(kLane, "2021", 25, "ndjson")}),
              ElementsAre(larger));
}

TEST(MergedFiles, NamesAreParsed) {
  const auto name = parse_file_key(merged_key(kLane, "2021-05", 3, 20, "ndjson.gz")).value();
  EXPECT_EQ(name.first, 3);
  EXPECT_EQ(name.end, 20);
  EXPECT_EQ(name.extension, "ndjson.gz");
  EXPECT_EQ(name.dt, "2021-05");
  EXPECT_FALSE(parse_file_key("t/a+0+00000000000000000003-00000000000000000020.ndjson"));
  EXPECT_FALSE(parse_file_key("t/a+0+00000000000000000003-20.c.ndjson"));
}

TEST(Expiry, PartitionsEndWithTheirLastDay) {
  using std::chrono::year;
  EXPECT_EQ(end_of_partition("2021-05-31"), Date{year{2021} / 6 / 1});
  EXPECT_EQ(end_of_partition("2021-12"), Date{year{2022} / 1 / 1});
  EXPECT_EQ(end_of_partition("2020"), Date{year{2021} / 1 / 1});
  for (const auto* wrong : {"", "2021-13", "2021-5", "20211", "soon", "2021-02-30", "2021_05"})
    EXPECT_EQ(end_of_partition(wrong), std::nullopt) << wrong;
}

class Closing : public testing::Test {
 protected:
  Claim claim(std::int64_t first, std::int64_t end) {
    Claim made;
    made.first = first;
    made.end = end;
    EXPECT_TRUE(store_->put_if_absent(claim_key(kLane, first), to_json(made)));
    return made;
  }
  TemporaryFolder folder_;
  std::unique_ptr<FolderStore> store_ = FolderStore::open(folder_.path()).value();
};

TEST_F(Closing, ARangeIsOpenUntilItsSuccessorIsClaimed) {
  OpenRange range(*store_, kLane, claim(0, 10));
  range.was_open_at(OpenRange::boot_time());
  const PutGuard guard = [&] { return range.is_open(); };
  EXPECT_EQ(store_->put_if_absent("t/a", "x", guard).value(), PutOutcome::created);
  (void)claim(10, 20);
  EXPECT_EQ(store_->put_if_absent("t/b", "x", guard).value(), PutOutcome::withdrawn);
  EXPECT_EQ(store_->head("t/b").value(), std::nullopt);
}

// A writer that is stopped between its guard's yes and its link: nothing is removed until it has gone on.
TEST_F(Closing, RemovalWaitsForPutsThatMayGoOn) {
  std::atomic<bool> asked{false};
  std::atomic<bool> go_on{false};
  std::atomic<bool> removed{false};
  std::thread writer([&] {
    const auto outcome = store_->put_if_absent("t/a", "x", [&]() -> Result<bool> {
      asked = true;
      while (!go_on) std::this_thread::sleep_for(std::chrono::milliseconds{1});
      return true;
    });
    EXPECT_EQ(outcome.value(), PutOutcome::created);
  });
  while (!asked) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  std::thread remover([&] {
    const std::vector<std::string> keys{"t/a"};
    EXPECT_TRUE(store_->remove_superseded(keys));
    removed = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  EXPECT_FALSE(removed);
  go_on = true;
  writer.join();
  remover.join();
  EXPECT_EQ(store_->head("t/a").value(), std::nullopt);
}

}  // namespace
}  // namespace stack::lake
