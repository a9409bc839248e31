// The audit's parts: lines out of compressed objects, sequences, and the buffers' pool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "lake/block_compressor.hpp"
#include "lake/block_pool.hpp"
#include "lake/folder_store.hpp"
#include "lake/line_reader.hpp"
#include "lake/sequence_census.hpp"
#include "lake/sink.hpp"
#include "lake/sink_slot.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LinesOf : public testing::TestWithParam<Compression> {
 protected:
  Result<std::vector<std::string>> lines(std::string_view bytes) {
    EXPECT_TRUE(store_->put("k", bytes));
    std::vector<std::string> found;
    STACK_TRY(for_each_line(*store_, "k", GetParam(), [&](std::string_view line) { found.emplace_back(line); }));
    return found;
  }
  std::string compressed(std::string_view bytes) {
    BlockCompressor compressor;
    return std::string(compressor.compress(GetParam(), bytes).value());
  }
  TemporaryFolder folder_;
  std::unique_ptr<FolderStore> store_ = FolderStore::open(folder_.path()).value();
};

TEST_P(LinesOf, SeveralBlocksAreOneStream) {
  EXPECT_THAT(lines(compressed("a\nbc") + compressed("") + compressed("d\n\ne")).value(),
              ElementsAre("a", "bcd", "", "e"));
}

TEST_P(LinesOf, LargeObjectsComeWhole) {
  std::string text;
  for (int i = 0; i < 900'000; ++i) text += "line " + std::to_string(i) + "\n";
  std::string object;
  for (std::size_t at = 0; at < text.size(); at += 300'000) {
    object += compressed(std::string_view(text).substr(at, 300'000));
  }
  const auto found = lines(object).value();
  ASSERT_EQ(found.size(), 900'000U);
  EXPECT_EQ(found.back(), "line 899999");
}

TEST_P(LinesOf, DamageIsAnErrorThatNamesTheObject) {
  if (GetParam() == Compression::none) GTEST_SKIP() << "plain text has no form";
  const std::string whole = compressed("some text\n");
  const auto cut = lines(std::string_view(whole).substr(0, whole.size() - 3));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::storage);
  EXPECT_THAT(cut.error().message, HasSubstr("k in"));
  EXPECT_FALSE(lines("no such form"));
}

INSTANTIATE_TEST_SUITE_P(EveryCompression, LinesOf,
                         testing::Values(Compression::none, Compression::gzip, Compression::zstd),
                         [](const auto& each) { return std::string(name_of(each.param)); });

RC_GTEST_PROP(SequenceSets, KnowWhatASetKnows, ()) {
  const auto any = rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 300), rc::gen::inRange<std::int64_t>(65'500, 65'600),
                     rc::gen::inRange<std::int64_t>(0, INT64_MAX)));
  const auto a = *any;
  const auto b = *any;
  SequenceSet set_a, set_b;
  std::set<std::int64_t> known_a, known_b;
  for (const auto seq : a) RC_ASSERT(set_a.add(seq) == known_a.insert(seq).second);
  for (const auto seq : b) RC_ASSERT(set_b.add(seq) == known_b.insert(seq).second);
  RC_ASSERT(set_a.size() == known_a.size());
  std::vector<std::int64_t> only_a;
  std::set_difference(known_a.begin(), known_a.end(), known_b.begin(), known_b.end(), std::back_inserter(only_a));
  const auto difference = set_a.without(set_b);
  RC_ASSERT(difference.count == only_a.size());
  RC_ASSERT(difference.least == (only_a.empty() ? -1 : only_a.front()));
}

TEST(SequenceCensuses, StayBounded) {
  SequenceCensus census;
  for (std::int64_t i = 0; i < 40'000; ++i) census.add("A", i * SequenceSet::kPageBits);
  EXPECT_FALSE(census.is_bounded());
}

TEST(BlockPools, CountWhatIsInUse) {
  BlockPool pool(1'000);
  Block block = pool.take(BlockPool::kUsual);
  EXPECT_EQ(pool.in_use(), BlockPool::kUsual);
  EXPECT_FALSE(pool.wait_below(1'000, std::chrono::milliseconds{1}));
  block.add_line("x");
  pool.give_back(std::move(block));
  EXPECT_TRUE(pool.wait_below(0, std::chrono::milliseconds{1}));
  EXPECT_EQ(pool.take(BlockPool::kUsual).size(), 0U);
}

TEST(ConsumerGroups, AreOfTopicLakeAndTable) {
  const std::set<std::string> groups{consumer_group("t", "/lake", "ticks"), consumer_group("t2", "/lake", "ticks"),
                                     consumer_group("t", "/lake2", "ticks"), consumer_group("t", "/lake", "bars"),
                                     consumer_group("t", "/laket", "icks")};
  EXPECT_EQ(groups.size(), 5U);
  EXPECT_EQ(consumer_group("t", "/lake", "ticks"), consumer_group("t", "/lake", "ticks"));
}

TEST(SinkSlots, AreTakenOnceAndComeBack) {
  const std::string group = "stack-test-" + std::to_string(::getpid());
  std::string first;
  {
    const SinkSlot a = SinkSlot::take(group, "");
    const SinkSlot b = SinkSlot::take(group, "");
    first = a.instance_id();
    EXPECT_NE(a.instance_id(), b.instance_id());
  }
  EXPECT_EQ(SinkSlot::take(group, "").instance_id(), first);
  EXPECT_EQ(SinkSlot::take(group, "mine").instance_id(), group + "-mine");
}

}  // namespace
}  // namespace stack::lake
