#include "object_store_contract.hpp"

#include <atomic>

namespace stack::lake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ObjectStoreContract, GivesBackWhatWasPut) {
  const std::string bytes("a\0b\n\xff", 5);
  EXPECT_EQ(store_->put_if_absent("t/dt=2021-05/x+0+1.ndjson", bytes).value(), PutOutcome::created);
  EXPECT_EQ(store_->get("t/dt=2021-05/x+0+1.ndjson").value(), bytes);
  const auto head = store_->head("t/dt=2021-05/x+0+1.ndjson").value();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->size, 5U);
  EXPECT_EQ(head->key, "t/dt=2021-05/x+0+1.ndjson");
}

TEST_P(ObjectStoreContract, KeepsTheFirstOfTwoPuts) {
  EXPECT_EQ(store_->put_if_absent("k", "first").value(), PutOutcome::created);
  EXPECT_EQ(store_->put_if_absent("k", "second").value(), PutOutcome::exists);
  EXPECT_EQ(store_->get("k").value(), "first");
}

TEST_P(ObjectStoreContract, PutReplaces) {
  ASSERT_TRUE(store_->put("a/k", "first"));
  ASSERT_TRUE(store_->put("a/k", "second"));
  EXPECT_EQ(store_->get("a/k").value(), "second");
}

TEST_P(ObjectStoreContract, AnEmptyObjectIsAnObject) {
  EXPECT_EQ(store_->put_if_absent("k", "").value(), PutOutcome::created);
  EXPECT_EQ(store_->get("k").value(), "");
}

TEST_P(ObjectStoreContract, WhatIsMissingIsNoError) {
  EXPECT_FALSE(store_->get("no/such").value());
  EXPECT_FALSE(store_->get_range("no/such", 0, 1).value());
  EXPECT_FALSE(store_->head("no/such").value());
  EXPECT_TRUE(store_->remove("no/such"));
  EXPECT_THAT(keys("no/"), IsEmpty());
}

TEST_P(ObjectStoreContract, SecuresWhatIsThere) {
  ASSERT_TRUE(store_->put_if_absent("t/dt=1/k", "x"));
  EXPECT_TRUE(store_->secure("t/dt=1/k").value());
  EXPECT_FALSE(store_->secure("t/dt=1/other").value());
  EXPECT_FALSE(store_->secure("no/such").value());
}

TEST_P(ObjectStoreContract, ReadsRanges) {
  ASSERT_TRUE(store_->put_if_absent("k", "0123456789"));
  EXPECT_EQ(store_->get_range("k", 2, 3).value(), "234");
  EXPECT_EQ(store_->get_range("k", 8, 100).value(), "89");
  EXPECT_EQ(store_->get_range("k", 10, 1).value(), "");
}

TEST_P(ObjectStoreContract, ListsByPrefixInOrderOfKeys) {
  for (const char* key : {"b/2", "a/1", "b/10", "b/c/3", "ba", "c"}) ASSERT_TRUE(store_->put_if_absent(key, "x"));
  EXPECT_THAT(keys("b"), ElementsAre("b/10", "b/2", "b/c/3", "ba"));
  EXPECT_THAT(keys("b/"), ElementsAre("b/10", "b/2", "b/c/3"));
  EXPECT_THAT(keys("b/1"), ElementsAre("b/10"));
  EXPECT_THAT(keys("b/", "b/10"), ElementsAre("b/2", "b/c/3"));
  EXPECT_THAT(keys(""), ElementsAre("a/1", "b/10", "b/2", "b/c/3", "ba", "c"));
}

TEST_P(ObjectStoreContract, RemovesObjects) {
  ASSERT_TRUE(store_->put_if_absent("a/k", "x"));
  ASSERT_TRUE(store_->remove("a/k"));
  EXPECT_FALSE(store_->head("a/k").value());
  EXPECT_EQ(store_->put_if_absent("a/k", "y").value(), PutOutcome::created);
}

TEST_P(ObjectStoreContract, AnUploadIsInvisibleUntilItIsComplete) {
  auto upload = store_->open_upload("t/big").value();
  ASSERT_TRUE(upload->append("one "));
  ASSERT_TRUE(upload->append(""));
  ASSERT_TRUE(upload->append("two"));
  EXPECT_FALSE(store_->head("t/big").value());
  EXPECT_THAT(keys(""), IsEmpty());
  EXPECT_EQ(upload->complete_if_absent().value(), PutOutcome::created);
  EXPECT_EQ(store_->get("t/big").value(), "one two");
}

TEST_P(ObjectStoreContract, AnUploadThatIsGivenUpLeavesNothing) {
  {
    auto aborted = store_->open_upload("t/a").value();
    ASSERT_TRUE(aborted->append("x"));
    aborted->abort();
    auto dropped = store_->open_upload("t/b").value();
    ASSERT_TRUE(dropped->append("x"));
  }
  EXPECT_THAT(keys(""), IsEmpty());
}

TEST_P(ObjectStoreContract, OfTwoUploadsTheFirstToCompleteWins) {
  auto a = store_->open_upload("t/k").value();
  auto b = store_->open_upload("t/k").value();
  ASSERT_TRUE(a->append("a"));
  ASSERT_TRUE(b->append("b"));
  EXPECT_EQ(b->complete_if_absent().value(), PutOutcome::created);
  EXPECT_EQ(a->complete_if_absent().value(), PutOutcome::exists);
  EXPECT_EQ(store_->get("t/k").value(), "b");
}

TEST_P(ObjectStoreContract, AGuardGivesAPutUpOrFailsIt) {
  const PutGuard no = [] { return Result<bool>(false); };
  const PutGuard yes = [] { return Result<bool>(true); };
  const PutGuard broken = [] { return Result<bool>(fail(ErrorKind::storage, "no answer")); };
  EXPECT_EQ(store_->put_if_absent("k", "x", no).value(), PutOutcome::withdrawn);
  auto upload = store_->open_upload("k").value();
  ASSERT_TRUE(upload->append("x"));
  EXPECT_EQ(upload->complete_if_absent(no).value(), PutOutcome::withdrawn);
  EXPECT_EQ(store_->put_if_absent("k", "x", broken).error().message, "no answer");
  EXPECT_THAT(keys(""), IsEmpty());
  EXPECT_EQ(store_->put_if_absent("k", "x", yes).value(), PutOutcome::created);
}

TEST_P(ObjectStoreContract, OfManyThreadsOneCreates) {
  constexpr int kThreads = 8;
  std::atomic<int> created{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto outcome = store_->put_if_absent("claims/deep/down/0", std::to_string(i));
      if (outcome && *outcome == PutOutcome::created) ++created;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
}

TEST_P(ObjectStoreContract, RefusesKeysThatLeaveTheStore) {
  for (const char* key : {"../k", "a/../../k", "/k", "a//k", "a/./k", ""}) {
    EXPECT_FALSE(store_->put_if_absent(key, "x")) << key;
    EXPECT_FALSE(store_->get(key)) << key;
  }
}

}  // namespace
}  // namespace stack::lake
