#include "app/run_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "lake/folder_store.hpp"

namespace stack::app {
namespace {

class RunRecordTest : public ::testing::Test {
 protected:
  RunRecordTest() {
    std::filesystem::remove_all(folder_);
    auto opened = lake::FolderStore::open(folder_.string(), lake::FolderStore::IfMissing::create);
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_ =
      std::filesystem::path{::testing::TempDir()} / ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::unique_ptr<lake::ObjectStore> store_;
};

TEST_F(RunRecordTest, TheFirstOfATopicStays) {
  EXPECT_TRUE(recorded_runs(*store_)->empty());
  ASSERT_TRUE(record_run({"f1", "quotes", "id-1", true}, *store_));
  ASSERT_TRUE(record_run({"f1", "quotes", "id-1", false}, *store_));
  ASSERT_TRUE(record_run({"f2", "a.b-c", "id-2", false}, *store_));
  const auto runs = recorded_runs(*store_);
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_EQ((*runs)[1].topic, "quotes");
  EXPECT_EQ((*runs)[1].topic_id, "id-1");
  EXPECT_TRUE((*runs)[1].made_topic);
  EXPECT_FALSE((*runs)[0].made_topic);
}

TEST_F(RunRecordTest, WhatIsNoneIsAnErrorThatNamesIt) {
  ASSERT_TRUE(store_->put("_stack/runs/quotes.json", "{\"feed\":"));
  const auto runs = recorded_runs(*store_);
  ASSERT_FALSE(runs);
  EXPECT_EQ(runs.error().kind, ErrorKind::storage);
  EXPECT_THAT(runs.error().message, ::testing::HasSubstr("_stack/runs/quotes.json"));
}

}  // namespace
}  // namespace stack::app
