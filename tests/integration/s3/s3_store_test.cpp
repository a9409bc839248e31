// The object store's contract, and what is S3's own, against servers that nobody here wrote.
#include "lake/s3_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "../../unit/lake/object_store_contract.hpp"
#include "aws/xml.hpp"
#include "core/stop_flag.hpp"
#include "lake/claim.hpp"
#include "lake/compaction.hpp"
#include "lake/merged_files.hpp"
#include "s3_server.hpp"

namespace stack::lake {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing_support::S3Server;

S3Server& versitygw() {
  static S3Server server{S3Server::Kind::versitygw};
  return server;
}
S3Server& moto() {
  static S3Server server{S3Server::Kind::moto};
  return server;
}

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreContract,
                         testing::Values(StoreFactory{"versitygw", [] { return versitygw().store(); }},
                                         StoreFactory{"moto", [] { return moto().store(); }}),
                         store_name);

class S3StoreTest : public testing::TestWithParam<S3Server* (*)()> {
 protected:
  S3Server& server_ = *GetParam()();
  std::unique_ptr<S3Store> store_ = server_.store();
  [[nodiscard]] std::size_t open_uploads() const {
    return aws::xml_elements(server_.client()->call({.method = "GET", .query = "uploads="}).value().body, "Upload")
        .size();
  }
};

const std::string kLarge(20 << 20, 'x');

TEST_P(S3StoreTest, WhatIsLargeComesInPartsAndWhole) {
  auto upload = store_->open_upload("t/large").value();
  for (std::size_t at = 0; at < kLarge.size(); at += 100'000)
    ASSERT_TRUE(upload->append(std::string_view(kLarge).substr(at, 100'000)));
  EXPECT_EQ(store_->head("t/large").value(), std::nullopt);
  EXPECT_EQ(upload->complete_if_absent().value(), PutOutcome::created);
  EXPECT_EQ(store_->get("t/large").value(), kLarge);
  EXPECT_EQ(store_->get_range("t/large", kLarge.size() - 3, 10).value(), "xxx");
  EXPECT_EQ(store_->get_range("t/large", kLarge.size() + 3, 10).value(), "");
  EXPECT_EQ(store_->head("t/large").value()->size, kLarge.size());
}

TEST_P(S3StoreTest, OfTwoLargeUploadsTheFirstToCompleteWinsAndTheOtherLeavesNothing) {
  auto a = store_->open_upload("t/k").value();
  auto b = store_->open_upload("t/k").value();
  ASSERT_TRUE(a->append(kLarge));
  ASSERT_TRUE(b->append(kLarge));
  ASSERT_TRUE(b->append("of b"));
  EXPECT_EQ(b->complete_if_absent().value(), PutOutcome::created);
  EXPECT_EQ(a->complete_if_absent().value(), PutOutcome::exists);
  EXPECT_EQ(store_->head("t/k").value()->size, kLarge.size() + 4);
  EXPECT_EQ(open_uploads(), 0U);
}

TEST_P(S3StoreTest, AnUploadThatIsGivenUpLeavesNothing) {
  {
    auto upload = store_->open_upload("t/k").value();
    ASSERT_TRUE(upload->append(kLarge));
    EXPECT_EQ(open_uploads(), 1U);
  }
  auto withdrawn = store_->open_upload("t/k").value();
  ASSERT_TRUE(withdrawn->append(kLarge));
  EXPECT_EQ(withdrawn->complete_if_absent([] { return Result<bool>(false); }).value(), PutOutcome::withdrawn);
  EXPECT_EQ(open_uploads(), 0U);
  EXPECT_EQ(store_->head("t/k").value(), std::nullopt);
}

TEST_P(S3StoreTest, ListsMoreThanAPage) {
  for (int i = 0; i < 1'050; ++i) ASSERT_TRUE(store_->put("many/" + std::to_string(10'000 + i), "x"));
  const auto all = store_->list("many/").value();
  ASSERT_THAT(all, SizeIs(1'050));
  EXPECT_EQ(all.back().key, "many/11049");
  EXPECT_THAT(store_->list("many/", "many/11000").value(), SizeIs(49));
}

TEST_P(S3StoreTest, AYoungUploadIsNotSwept) {
  if (&server_ == &moto()) GTEST_SKIP() << "moto says of every upload that it was begun in 2010";
  auto upload = store_->open_upload("t/k").value();
  ASSERT_TRUE(upload->append(kLarge));
  EXPECT_EQ(store_->sweep_stale_uploads().value(), 0U);
  EXPECT_EQ(upload->complete_if_absent().value(), PutOutcome::created);
}

TEST_P(S3StoreTest, KeysWithAllSortsOfCharacters) {
  for (const char* key : {"t/a b", "t/ä+ö", "t/100%", "t/a&b<c>'d'\"e\"", "t/dt=2021-05-28/x+0+1.ndjson", "t/~!*()"}) {
    EXPECT_EQ(store_->put_if_absent(key, key).value(), PutOutcome::created) << key;
    EXPECT_EQ(store_->get(key).value(), key);
    EXPECT_THAT(store_->list(key).value(), SizeIs(1)) << key;
    ASSERT_TRUE(store_->remove(key));
    EXPECT_EQ(store_->get(key).value(), std::nullopt) << key;
  }
}

TEST_P(S3StoreTest, SmallFilesAreMerged) {
  const Lane lane{"ticks", "events", 0};
  for (const std::int64_t first : {0, 10, 20}) {
    Claim claim;
    claim.first = first;
    claim.end = first + 10;
    claim.topic_id = "id";
    claim.records = 1;
    claim.files = {{"2021-05", 1}};
    ASSERT_TRUE(store_->put_if_absent(claim_key(lane, first), to_json(claim)));
    ASSERT_TRUE(store_->put_if_absent(range_keys(lane, claim).front(), "{\"n\":" + std::to_string(first) + "}\n"));
  }
  CompactionOptions options;
  options.closed_for = std::chrono::seconds{-5};  // stores tell the time in whole seconds, and not always the last
  CompactionProgress progress;
  const StopFlag stop;
  const auto done = compact(options, *store_, stop, progress).value();
  ASSERT_THAT(done, SizeIs(1));
  EXPECT_EQ(done.front().inputs, 2U);  // the newest range is open
  const auto files = live_files(*store_, "ticks").value();
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_EQ(files.front().key, merged_key(lane, "2021-05", 0, 20, "ndjson"));
  EXPECT_EQ(store_->get(files.front().key).value(), "{\"n\":0}\n{\"n\":10}\n");
  EXPECT_THAT(store_->list("ticks/").value(), SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(Servers, S3StoreTest,
                         testing::Values([]() -> S3Server* { return &versitygw(); },
                                         []() -> S3Server* { return &moto(); }),
                         [](const auto& server) { return server.index == 0 ? "versitygw" : "moto"; });

}  // namespace
}  // namespace stack::lake
