#include "lake/claim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "lake/folder_store.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using testing::HasSubstr;

const Lane kLane{"ticks", "events", 2};

Claim sample(std::int64_t first, std::int64_t end) {
  Claim claim;
  claim.first = first;
  claim.end = end;
  claim.log_start = 0;
  claim.cluster_id = "cluster \"1\"";
  claim.topic_id = "id";
  claim.format = FileFormat::parquet;
  claim.compression = Compression::zstd;
  claim.partition_by = PartitionBy::day;
  claim.columns = {{"symbol", ColumnType::text, {}},
                   {"price", ColumnType::real, {"Price", "PRICE"}},
                   {"a\nb", ColumnType::timestamp, {}}};
  claim.feed = "f00d";
  claim.records = static_cast<std::uint64_t>(end - first);
  claim.dead_letters = 1;
  claim.files = {{"2021-05-27", 3}, {"2021-05-28", 4}};
  return claim;
}

class Claims : public testing::Test {
 protected:
  void put(const Claim& claim) { ASSERT_TRUE(store_->put_if_absent(claim_key(kLane, claim.first), to_json(claim))); }
  TemporaryFolder folder_;
  std::unique_ptr<FolderStore> store_ = FolderStore::open(folder_.path()).value();
};

TEST_F(Claims, ReadAsTheyWereWritten) {
  put(sample(7, 17));
  EXPECT_EQ(read_claim(*store_, kLane, 7).value(), sample(7, 17));
  EXPECT_FALSE(read_claim(*store_, kLane, 8).value());
}

TEST_F(Claims, TheLastOfAChainIsFound) {
  EXPECT_FALSE(last_claim(*store_, kLane).value());
  for (std::int64_t first = 0; first < 200; first += 10) put(sample(first, first + 10));
  EXPECT_EQ(last_claim(*store_, kLane).value()->first, 190);
  EXPECT_EQ(read_chain(*store_, kLane).value().size(), 20U);
}

TEST_F(Claims, LanesDoNotMix) {
  put(sample(0, 10));
  EXPECT_FALSE(last_claim(*store_, Lane{"ticks", "events", 20}).value());
  EXPECT_FALSE(last_claim(*store_, Lane{"ticks", "event", 2}).value());
}

TEST_F(Claims, AGapIsNamed) {
  put(sample(0, 10));
  put(sample(12, 20));
  const auto chain = read_chain(*store_, kLane);
  ASSERT_FALSE(chain);
  EXPECT_THAT(chain.error().message, HasSubstr("offsets 10 to 12"));
}

TEST_F(Claims, AForeignObjectAmongThemIsAnError) {
  ASSERT_TRUE(store_->put_if_absent(claims_prefix(kLane) + "readme", "x"));
  EXPECT_FALSE(last_claim(*store_, kLane));
  for (const char* json : {"", "[]", "{}", R"({"version":2})", R"({"version":1,"first":0})"}) {
    const auto claim = parse_claim(json, "the-name");
    ASSERT_FALSE(claim) << json;
    EXPECT_EQ(claim.error().kind, ErrorKind::conflict);
    EXPECT_THAT(claim.error().message, HasSubstr("the-name"));
  }
}

TEST_F(Claims, RulesOfAnotherVersionAreRefused) {
  Claim claim = sample(0, 10);
  claim.rules = kRulesVersion + 1;
  EXPECT_FALSE(parse_claim(to_json(claim), "c"));
}

TEST_F(Claims, AreCompleteWhenEveryFileStands) {
  const Claim claim = sample(0, 8);
  const auto keys = range_keys(kLane, claim);
  ASSERT_EQ(keys.size(), 3U);
  for (const auto& key : keys) {
    EXPECT_FALSE(is_complete(*store_, kLane, claim).value());
    ASSERT_TRUE(store_->put_if_absent(key, "x"));
  }
  EXPECT_TRUE(is_complete(*store_, kLane, claim).value());
}

TEST(ClaimOfATrimmedLog, IsNamedZeroAndReadsFromTheLogStart) {
  Claim claim = sample(0, 600);
  claim.log_start = 500;
  EXPECT_EQ(claim.first_record_offset(), 500);
  claim.first = 600;
  EXPECT_EQ(claim.first_record_offset(), 600);
}

TEST(Columns, JoinFollowsTheLattice) {
  EXPECT_EQ(join(ColumnType::bigint, ColumnType::real), ColumnType::real);
  EXPECT_EQ(join(ColumnType::unknown, ColumnType::date), ColumnType::date);
  EXPECT_EQ(join(ColumnType::date, ColumnType::timestamp), ColumnType::text);
  EXPECT_EQ(join(ColumnType::boolean, ColumnType::bigint), ColumnType::text);
}

RC_GTEST_PROP(Columns, JoinDoesNotDependOnOrder, ()) {
  const auto any = rc::gen::map(rc::gen::inRange(0, 7), [](int i) { return static_cast<ColumnType>(i); });
  const auto a = *any;
  const auto b = *any;
  const auto c = *any;
  RC_ASSERT(join(a, b) == join(b, a));
  RC_ASSERT(join(join(a, b), c) == join(a, join(b, c)));
  RC_ASSERT(join(a, a) == a);
}

TEST(Columns, AreInferredInOrderOfAppearance) {
  simdjson::dom::parser parser;
  ColumnInference inference;
  const auto add = [&](std::string_view json) {
    const simdjson::padded_string padded(json);
    inference.add(parser.parse(padded).get_object().value());
  };
  add(R"({"n":1,"d":"2021-05-28","nested":{"x":1},"nil":null,"b":true})");
  add(R"({"n":1.5,"d":"2021-05-29","t":"2021-05-28 01:30:00.004512","N":null})");
  const std::vector<Column> expected{{"n", ColumnType::real, {"N"}},   {"d", ColumnType::date, {}},
                                     {"nested", ColumnType::text, {}}, {"nil", ColumnType::text, {}},
                                     {"b", ColumnType::boolean, {}},   {"t", ColumnType::timestamp, {}}};
  EXPECT_EQ(inference.columns(), expected);
}

}  // namespace
}  // namespace stack::lake
