// Files registered one after the other, by several at once, and beside crawls.
#include <thread>

#include "catalog/registrar.hpp"
#include "lake/claim.hpp"
#include "lake_fixture.hpp"

namespace stack::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kTick =
    R"({"symbol":"HSI","session_date":"2021-05-28","event_time":"2021-05-28 01:30:00.004512","seq":17,"price":29113.2,"size":1200})"
    "\n";
using Ticks = lake::LandedFile::Ticks;

class Registration : public LakeFixture {
 protected:
  // A file that has landed.
  lake::LandedFile land(int day, int partition, std::int64_t first, std::string_view bytes = kTick,
                        Ticks ticks = Ticks::plain) {
    const auto rows = static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
    std::string key = lake::data_key({"ticks", "t", partition}, "2021-05-" + std::to_string(day), first, "ndjson");
    write(key, bytes);
    return {std::move(key), rows, ticks};
  }
  TableRegistration registration() { return {*store_, catalog_, "stack", "ticks", clock_}; }
  std::size_t add(TableRegistration& to, const std::vector<lake::LandedFile>& files) {
    const auto added = to.add(files, stop_);
    EXPECT_TRUE(added) << added.error().message;
    return added.value_or(0);
  }
  std::size_t pieces() { return store_->list("_stack/registered/").value().size(); }
  // A crawl finds nothing to read and nothing to change.
  void expect_crawl_agrees() {
    const CrawlSummary summary = crawl_lake();
    EXPECT_EQ(summary.files_read, 0U);
    EXPECT_FALSE(summary.changed());
    EXPECT_FALSE(crawl_lake({.full = true}).changed());
  }
};

TEST_F(Registration, SaysWhatACrawlWouldSay) {
  auto sink = registration();
  EXPECT_EQ(add(sink, {land(28, 0, 0), land(27, 1, 0)}), 2U);
  EXPECT_EQ(add(sink, {land(29, 0, 5, "{\"id\":1,\"Id2\":\"x\"}\n", Ticks::unknown)}), 1U);
  EXPECT_EQ(table("ticks").partitions.size(), 3U);
  EXPECT_EQ(table("ticks").rows, 3U);
  expect_crawl_agrees();
}

TEST_F(Registration, OfTheSameFilesAgainChangesNothing) {
  auto sink = registration();
  const auto file = land(28, 0, 0);
  EXPECT_EQ(add(sink, {file, file}), 1U);
  EXPECT_EQ(add(sink, {file}), 0U);
  auto other = registration();
  EXPECT_EQ(add(other, {file}), 0U);
  EXPECT_EQ(pieces(), 1U);
  EXPECT_EQ(table("ticks").rows, 1U);
}

TEST_F(Registration, PassesOverFilesThatAreGone) {
  auto sink = registration();
  const auto file = land(28, 0, 0);
  erase(file.key);
  EXPECT_EQ(add(sink, {file}), 0U);
  EXPECT_FALSE(catalog_.find("stack", "ticks").value());
}

TEST_F(Registration, GoesOnFromACrawl) {
  land(27, 0, 0);
  crawl_lake();
  auto sink = registration();
  EXPECT_EQ(add(sink, {land(28, 0, 5)}), 1U);
  EXPECT_EQ(table("ticks").partitions.size(), 2U);
  expect_crawl_agrees();
  // What a crawl has saved needs no piece any more; it goes with the crawl after that.
  crawl_lake();
  EXPECT_EQ(pieces(), 0U);
  EXPECT_EQ(add(sink, {land(29, 0, 9)}), 1U);
  EXPECT_EQ(table("ticks").partitions.size(), 3U);
}

TEST_F(Registration, KeepsPiecesFew) {
  auto sink = registration();
  for (int i = 0; i < 100; ++i) add(sink, {land(10 + i % 9, 0, i)});
  EXPECT_LE(pieces(), 17U);
  EXPECT_EQ(table("ticks").files, 100U);
  expect_crawl_agrees();
}

TEST_F(Registration, OfManyAtOnceLosesNothing) {
  constexpr int kSinks = 4;
  constexpr int kTurns = 25;
  {
    std::vector<std::jthread> sinks;
    sinks.reserve(kSinks + 1);
    for (int number = 0; number < kSinks; ++number) {
      sinks.emplace_back([&, number] {
        auto sink = registration();
        for (int turn = 0; turn < kTurns; ++turn) add(sink, {land(10 + turn, number, turn)});
      });
    }
    sinks.emplace_back([&] {
      for (int i = 0; i < 30; ++i) crawl_lake();
    });
  }
  EXPECT_EQ(table("ticks").files, static_cast<std::uint64_t>(kSinks * kTurns));
  EXPECT_EQ(table("ticks").partitions.size(), static_cast<std::size_t>(kTurns));
  expect_crawl_agrees();
}

TEST_F(Registration, ForgetsATableWhoseFilesAreGone) {
  auto sink = registration();
  const auto file = land(28, 0, 0);
  add(sink, {file});
  erase(file.key);
  EXPECT_THAT(crawl_lake().removed_tables, ElementsAre("ticks"));
  EXPECT_EQ(pieces(), 0U);
}

TEST_F(Registration, RefusesTheTableOfAnotherFolder) {
  write("Ticks/a.ndjson", kTick);
  crawl_lake();
  auto sink = registration();
  const auto refused = sink.add(std::vector{land(28, 0, 0)}, stop_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("Ticks/"));
}

TEST_F(Registration, FindsWhatAKilledSinkHadNotRegistered) {
  const auto claim = [&](std::int64_t first, std::int64_t end, const std::string& dt) {
    lake::Claim made;
    made.first = first;
    made.end = end;
    made.files = {{dt, 1}};
    made.records = 1;
    const lake::Lane lane{"ticks", "t", 0};
    write(lake::claim_key(lane, first), lake::to_json(made));
  };
  claim(0, 5, "2021-05-20");
  claim(5, 9, "2021-05-21");
  claim(9, 12, "2021-05-22");
  auto sink = registration();
  add(sink, {land(20, 0, 0)});
  land(21, 0, 5);  // the range after it has no file yet
  const auto backlog = sink.backlog().value();
  EXPECT_TRUE(backlog.whole);
  EXPECT_THAT(backlog.files, SizeIs(2));
  EXPECT_EQ(add(sink, backlog.files), 1U);
  EXPECT_EQ(table("ticks").partitions.size(), 2U);
}

TEST_F(Registration, OnAThreadOfItsOwnIsDoneWhenItHasFinished) {
  Registrar registrar(*store_, catalog_, "stack", "ticks", {}, clock_);
  for (int i = 0; i < 20; ++i) registrar.landed({{land(10 + i, 0, i)}});
  const auto summary = registrar.finish(Milliseconds{10'000});
  EXPECT_EQ(summary.files, 20U);
  EXPECT_EQ(summary.left, 0U);
  EXPECT_EQ(table("ticks").files, 20U);
}

TEST_F(Registration, ThatFailsIsToldOnceAndTriedAgain) {
  write("_stack/catalog/stack/ticks.json/in/the", "way");
  std::vector<std::string> told;
  Registrar registrar(
      *store_, catalog_, "stack", "ticks", [&](const std::string& text) { told.push_back(text); }, clock_);
  registrar.landed({{land(28, 0, 0)}});
  std::this_thread::sleep_for(Milliseconds{800});
  std::filesystem::remove_all(folder_.path() / "_stack/catalog/stack/ticks.json");
  const auto summary = registrar.finish(Milliseconds{10'000});
  EXPECT_EQ(summary.left, 0U);
  EXPECT_GE(summary.failures, 1U);
  EXPECT_EQ(table("ticks").files, 1U);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_THAT(told.front(), HasSubstr("stack crawl"));
}

}  // namespace
}  // namespace stack::catalog
