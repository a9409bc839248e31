// The protocol without Kafka: lanes fed from a log in memory, into a folder.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "lake/folder_store.hpp"
#include "lake/sink_lane.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string tick(int seq, std::string_view date = "2021-05-28") {
  return fmt::format(
      R"({{"symbol":"A","session_date":"{0}","event_time":"{0} 01:30:00.{1:06}","seq":{1},"price":1.5,"size":2}})",
      date, seq);
}

// A sink of one lane that reads LOG, offset by offset.
class TestSink {
 public:
  TestSink(ObjectStore& store, SinkOptions options)
      : options_(std::move(options)),
        pool_(options_.memory_budget),
        scratch_(ScratchFolder::make(*store.local_path("_stack/tmp")).value()),
        writer_(store, pool_, progress_, scratch_.get(), 192U << 20, 2, clock_),
        context_{options_, store, pool_, writer_, progress_, {"cluster", "topic-id"}, ""},
        lane_(context_, 0) {}

  SinkLane& lane() { return lane_; }
  SinkProgress& progress() { return progress_; }
  Result<std::int64_t> begin(std::int64_t log_start = 0) { return lane_.begin(log_start); }
  Result<void> feed(const std::map<std::int64_t, std::string>& log, std::int64_t end) {
    for (auto at = log.lower_bound(lane_.position()); at != log.end() && at->first < end; ++at) {
      STACK_TRY(lane_.take({at->first, 1'622'165'400'004, "A", at->second}, parser_, now_));
    }
    return lane_.reached(end);
  }
  void pass(std::chrono::milliseconds time) { now_ += time; }
  bool is_due() { return lane_.is_due(now_); }
  // Waits for every range that was closed; what became of the first that did not land.
  std::optional<SealOutcome> settle() {
    while (lane_.sealing() > 0) {
      for (SealOutcome& outcome : writer_.outcomes(std::chrono::milliseconds{50})) {
        if (outcome.kind != SealOutcome::Kind::landed) return std::move(outcome);
        lane_.landed(outcome);
      }
    }
    return std::nullopt;
  }

 private:
  SinkOptions options_;
  SystemClock clock_;
  BlockPool pool_;
  SinkProgress progress_;
  std::unique_ptr<ScratchFolder> scratch_;
  RangeWriter writer_;
  SinkContext context_;
  SinkLane lane_;
  RecordParser parser_;
  SinkLane::Instant now_{};
};

class Ranges : public testing::Test {
 protected:
  static SinkOptions options(std::uint64_t count = 0) {
    SinkOptions options;
    options.topic = "events";
    options.table = "ticks";
    options.partition_by = PartitionBy::month;
    options.rotation.count = count;
    return options;
  }
  [[nodiscard]] std::vector<std::string> keys(std::string_view prefix) const {
    const auto objects = store_->list(prefix).value();
    std::vector<std::string> found;
    found.reserve(objects.size());
    for (const auto& object : objects) found.push_back(object.key);
    return found;
  }
  [[nodiscard]] std::string rows(std::string_view prefix = "ticks/") const {
    std::string all;
    for (const auto& key : keys(prefix)) all += *store_->get(key).value();
    return all;
  }
  [[nodiscard]] std::vector<Claim> chain() const { return read_chain(*store_, {"ticks", "events", 0}).value(); }

  TemporaryFolder folder_;
  std::unique_ptr<FolderStore> store_ = FolderStore::open(folder_.path()).value();
};

std::map<std::int64_t, std::string> log_of(int n, std::string_view date = "2021-05-28") {
  std::map<std::int64_t, std::string> log;
  for (int i = 0; i < n; ++i) log[i] = tick(i, date);
  return log;
}

std::string lines_of(const std::map<std::int64_t, std::string>& log) {
  std::string all;
  for (const auto& [offset, line] : log) all += line + "\n";
  return all;
}

TEST_F(Ranges, LandUnderTheirClaims) {
  TestSink sink(*store_, options(4));
  ASSERT_EQ(sink.begin().value(), 0);
  ASSERT_TRUE(sink.feed(log_of(10), 10));
  sink.lane().close_range(false);
  EXPECT_FALSE(sink.settle());
  EXPECT_THAT(keys("ticks/"), ElementsAre("ticks/dt=2021-05/events+0+00000000000000000000.ndjson",
                                          "ticks/dt=2021-05/events+0+00000000000000000004.ndjson",
                                          "ticks/dt=2021-05/events+0+00000000000000000008.ndjson"));
  EXPECT_EQ(rows(), lines_of(log_of(10)));
  EXPECT_EQ(sink.lane().landed_end(), 10);
  EXPECT_EQ(sink.progress().landed, 10U);
  EXPECT_EQ(chain().size(), 3U);
  EXPECT_THAT(chain().back().files, ElementsAre(RangeFile{"2021-05", 2}));
}

TEST_F(Ranges, AFileThatStandsWithoutAClaimIsNotTakenForTheirs) {
  ASSERT_TRUE(store_->put("ticks/dt=2021-05/events+0+00000000000000000000.ndjson", tick(7) + "\n"));
  TestSink sink(*store_, options(4));
  ASSERT_TRUE(sink.begin());
  ASSERT_TRUE(sink.feed(log_of(4), 4));
  const auto outcome = sink.settle();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, SealOutcome::Kind::failed);
  EXPECT_EQ(outcome->error.kind, ErrorKind::conflict);
  EXPECT_THAT(outcome->error.message, HasSubstr("events+0+00000000000000000000.ndjson"));
  EXPECT_THAT(keys("_stack/claims/"), IsEmpty());
}

TEST_F(Ranges, AreClosedByAgeOnTheSteadyClock) {
  TestSink sink(*store_, options());
  ASSERT_TRUE(sink.begin());
  EXPECT_FALSE(sink.is_due());
  ASSERT_TRUE(sink.feed(log_of(1), 1));
  EXPECT_FALSE(sink.is_due());
  sink.pass(std::chrono::milliseconds{29'999});
  EXPECT_FALSE(sink.is_due());
  sink.pass(std::chrono::milliseconds{1});
  EXPECT_TRUE(sink.is_due());
}

TEST_F(Ranges, ChainOverControlRecords) {
  TestSink sink(*store_, options(2));
  ASSERT_TRUE(sink.begin());
  // 2 and 5 are control records; so is 6, the log's last.
  ASSERT_TRUE(sink.feed({{0, tick(0)}, {1, tick(1)}, {3, tick(2)}, {4, tick(3)}}, 7));
  sink.lane().close_range(false);
  EXPECT_EQ(sink.settle(), std::nullopt);
  EXPECT_EQ(sink.lane().landed_end(), 5);
  sink.lane().close_range(true);
  EXPECT_EQ(sink.settle(), std::nullopt);
  EXPECT_EQ(sink.lane().landed_end(), 7);
  EXPECT_EQ(chain().size(), 3U);
  EXPECT_THAT(chain().back().files, IsEmpty());
}

TEST_F(Ranges, OneFileForEachDtAndOneForDeadLetters) {
  TestSink sink(*store_, options());
  ASSERT_TRUE(sink.begin());
  ASSERT_TRUE(sink.feed({{0, tick(0)}, {1, "broken"}, {2, tick(1, "2020-01-02")}, {3, tick(2)}}, 4));
  sink.lane().close_range(false);
  EXPECT_FALSE(sink.settle());
  EXPECT_EQ(rows("ticks/dt=2021-05/"), tick(0) + "\n" + tick(2) + "\n");
  EXPECT_EQ(rows("ticks/dt=2020-01/"), tick(1, "2020-01-02") + "\n");
  EXPECT_THAT(rows("_stack/dlq/ticks/"), HasSubstr(R"("offset":1,)"));
  EXPECT_EQ(chain().front().dead_letters, 1U);
  EXPECT_EQ(sink.progress().dead_letters, 1U);
}

TEST_F(Ranges, ALostBoundaryIsRedoneUnderTheWinnersTerms) {
  TestSink loser(*store_, options());
  ASSERT_TRUE(loser.begin());
  ASSERT_TRUE(loser.feed(log_of(8), 8));

  // The winner takes fewer records, under other terms, and dies before its files stand.
  SinkOptions other = options();
  other.partition_by = PartitionBy::year;
  other.compression = Compression::zstd;
  {
    TemporaryFolder elsewhere;
    auto shadow = FolderStore::open(elsewhere.path()).value();
    TestSink winner(*shadow, other);
    ASSERT_TRUE(winner.begin());
    ASSERT_TRUE(winner.feed(log_of(8), 5));
    winner.lane().close_range(false);
    ASSERT_FALSE(winner.settle());
    const auto key = claim_key({"ticks", "events", 0}, 0);
    ASSERT_TRUE(store_->put_if_absent(key, *shadow->get(key).value()));
  }

  loser.lane().close_range(false);
  const auto outcome = loser.settle();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind, SealOutcome::Kind::lost);
  EXPECT_THAT(keys("ticks/"), IsEmpty());

  EXPECT_EQ(loser.begin().value(), 0);
  ASSERT_TRUE(loser.feed(log_of(8), 8));
  loser.lane().close_range(false);
  EXPECT_FALSE(loser.settle());
  EXPECT_THAT(keys("ticks/"), ElementsAre("ticks/dt=2021-05/events+0+00000000000000000005.ndjson",
                                          "ticks/dt=2021/events+0+00000000000000000000.ndjson.zst"));
  EXPECT_EQ(chain().size(), 2U);
}

TEST_F(Ranges, BehindALostOneNoneIsClaimed) {
  TestSink sink(*store_, options(2));
  ASSERT_TRUE(sink.begin());
  Claim winner;
  winner.end = 1;
  winner.topic_id = "topic-id";
  ASSERT_TRUE(store_->put_if_absent(claim_key({"ticks", "events", 0}, 0), to_json(winner)));
  ASSERT_TRUE(sink.feed(log_of(6), 6));
  EXPECT_EQ(sink.settle()->kind, SealOutcome::Kind::lost);
  EXPECT_EQ(sink.begin().value(), 1);
  EXPECT_EQ(chain().size(), 1U);
}

TEST_F(Ranges, ASuccessorFinishesWhatIsMissing) {
  {
    TestSink first(*store_, options());
    ASSERT_TRUE(first.begin());
    auto log = log_of(6);
    log[3] = tick(3, "2020-01-02");
    ASSERT_TRUE(first.feed(log, 6));
    first.lane().close_range(false);
    ASSERT_FALSE(first.settle());
  }
  ASSERT_TRUE(store_->remove("ticks/dt=2020-01/events+0+00000000000000000000.ndjson"));
  SinkOptions changed = options(1);
  changed.partition_by = PartitionBy::none;
  TestSink successor(*store_, changed);
  EXPECT_EQ(successor.begin().value(), 0);
  auto log = log_of(6);
  log[3] = tick(3, "2020-01-02");
  ASSERT_TRUE(successor.feed(log, 6));
  ASSERT_FALSE(successor.settle());
  EXPECT_EQ(rows("ticks/dt=2020-01/"), tick(3, "2020-01-02") + "\n");
  EXPECT_EQ(keys("ticks/").size(), 2U);
  EXPECT_EQ(successor.progress().adopted, 1U);
}

TEST_F(Ranges, ARangeThatChangedUnderItsClaimIsNamed) {
  {
    TestSink first(*store_, options());
    ASSERT_TRUE(first.begin());
    ASSERT_TRUE(first.feed(log_of(6), 6));
    first.lane().close_range(false);
    ASSERT_FALSE(first.settle());
  }
  ASSERT_TRUE(store_->remove("ticks/dt=2021-05/events+0+00000000000000000000.ndjson"));
  TestSink successor(*store_, options());
  ASSERT_TRUE(successor.begin());
  auto compacted = log_of(6);
  compacted.erase(2);
  const auto fed = successor.feed(compacted, 6);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().kind, ErrorKind::conflict);
  EXPECT_THAT(fed.error().message, HasSubstr("offsets 0 to 6"));
}

TEST_F(Ranges, AnotherFeedIsRefused) {
  TestSink sink(*store_, options());
  ASSERT_TRUE(sink.begin());
  EXPECT_TRUE(sink.lane().check_feed("a"));
  EXPECT_TRUE(sink.lane().check_feed(""));
  const auto refused = sink.lane().check_feed("b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
}

TEST_F(Ranges, AnAbandonedRangeLeavesNothing) {
  TestSink sink(*store_, options());
  ASSERT_TRUE(sink.begin());
  ASSERT_TRUE(sink.feed(log_of(20'000), 20'000));
  sink.lane().abandon();
  EXPECT_THAT(keys(""), IsEmpty());
}

TEST_F(Ranges, ManyDtsAndLargeRecordsStayWhole) {
  SinkOptions by_day = options();
  by_day.partition_by = PartitionBy::day;
  TestSink sink(*store_, by_day);
  ASSERT_TRUE(sink.begin());
  std::map<std::int64_t, std::string> log;
  for (int i = 0; i < 3'000; ++i) log[i] = tick(i, format_date(Date{std::chrono::days{i % 700}}));
  log[3'000] = fmt::format(R"({{"session_date":"1970-01-01","blob":"{}"}})", std::string(3U << 20, 'x'));
  log[3'001] = tick(3'001, "1970-01-01");
  ASSERT_TRUE(sink.feed(log, 3'002));
  sink.lane().spill(500);
  sink.lane().close_range(false);
  ASSERT_FALSE(sink.settle());
  EXPECT_EQ(keys("ticks/").size(), 700U);
  EXPECT_EQ(rows().size(), lines_of(log).size());
  EXPECT_THAT(rows("ticks/dt=1970-01-01/"), HasSubstr(log[3'000] + "\n" + log[3'001] + "\n"));
}

TEST_F(Ranges, ParquetHasTheClaimsColumns) {
  SinkOptions parquet = options();
  parquet.format = FileFormat::parquet;
  TestSink sink(*store_, parquet);
  ASSERT_TRUE(sink.begin());
  ASSERT_TRUE(
      sink.feed({{0, tick(1)}, {1, tick(0)}, {2, R"({"session_date":"2020-01-02","extra":{"a":[1]},"x":1})"}}, 3));
  sink.lane().close_range(false);
  const auto outcome = sink.settle();
  ASSERT_FALSE(outcome) << outcome->error.message;
  EXPECT_THAT(keys("ticks/"), ElementsAre("ticks/dt=2020-01/events+0+00000000000000000000.parquet",
                                          "ticks/dt=2021-05/events+0+00000000000000000000.parquet"));
  auto database = duckdb_embedded::Database::open({}).value();
  auto connection = database.connect().value();
  auto result = connection
                    .query(fmt::format("SELECT seq, typeof(event_time), extra FROM read_parquet('{}/ticks/*/*') "
                                       "ORDER BY session_date, seq",
                                       folder_.path().native()))
                    .value();
  const auto chunk = result.next().value();
  ASSERT_TRUE(chunk);
  ASSERT_EQ(chunk->rows(), 3U);
  EXPECT_EQ(chunk->text(2, 0), R"({"a":[1]})");
  EXPECT_EQ(chunk->values<std::int64_t>(0)[1], 0);
  EXPECT_EQ(chunk->text(1, 1), "TIMESTAMP");
  EXPECT_TRUE(chunk->is_null(2, 1));
}

TEST_F(Ranges, ParquetTakesOddRecords) {
  SinkOptions parquet = options();
  parquet.format = FileFormat::parquet;
  parquet.partition_by = PartitionBy::none;
  TestSink sink(*store_, parquet);
  ASSERT_TRUE(sink.begin());
  const std::vector<std::string> odd{
      R"({"n":1,"Name":"x","t":"2021-05-28T01:30:00.123456789Z","d":"0001-01-01","q\"/~":1.5})",
      R"({"N":2,"name":"y","t":"9999-12-31 23:59:59","d":"9999-12-31","big":18446744073709551615})",
      R"({"n":null,"s":"a\u0000\ud83d\ude00","b":true,"deep":[[{"n":[]}]]})", "{}",
      R"({"n":9223372036854775807,"b":null})"};
  std::map<std::int64_t, std::string> log;
  for (std::size_t i = 0; i < odd.size(); ++i) log[static_cast<std::int64_t>(i)] = odd[i];
  ASSERT_TRUE(sink.feed(log, 5));
  sink.lane().close_range(false);
  const auto outcome = sink.settle();
  ASSERT_FALSE(outcome) << outcome->error.message;
  // Once more with nothing but {}.
  ASSERT_TRUE(sink.feed({{5, "{}"}, {6, "{}"}}, 7));
  sink.lane().close_range(false);
  ASSERT_FALSE(sink.settle());
  auto database = duckdb_embedded::Database::open({}).value();
  auto connection = database.connect().value();
  auto result = connection
                    .query(fmt::format("SELECT count(*), sum(n)::VARCHAR, string_agg(\"Name\", ',' ORDER BY n) FROM "
                                       "read_parquet('{}/ticks/*.parquet', union_by_name=true)",
                                       folder_.path().native()))
                    .value();
  const auto chunk = result.next().value();
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->values<std::int64_t>(0)[0], 7);
  EXPECT_EQ(chunk->text(1, 0), "9223372036854775810");
  EXPECT_EQ(chunk->text(2, 0), "x,y");
}

}  // namespace
}  // namespace stack::lake
