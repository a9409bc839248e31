// A feed in a loop: the same ticks in every pass, while seq and positions go on.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "bars.hpp"

namespace stack::market {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

FeedOptions ticks(std::uint32_t events, bool loop, std::optional<std::uint64_t> limit = {}) {
  FeedOptions options;
  options.events_per_session = events;
  options.loop = loop;
  options.limit = limit;
  return options;
}

// What LINES, which are a pass, are in pass number PASS.
std::vector<std::string> in_pass(const std::vector<std::string>& lines, std::uint64_t pass) {
  std::map<std::string, std::uint64_t> of_symbol;
  for (const auto& tick : ticks_of([&] {
         std::string text;
         for (const auto& line : lines) text += line + '\n';
         return text;
       }()))
    ++of_symbol[tick.symbol];
  std::vector<std::string> shifted;
  for (const auto& line : lines) {
    const auto tick = ticks_of(line + '\n').at(0);
    const std::string seq = "\"seq\":";
    const auto begin = line.find(seq) + seq.size();
    const auto end = line.find(',', begin);
    shifted.push_back(line.substr(0, begin) + std::to_string(tick.seq + pass * of_symbol[tick.symbol]) +
                      line.substr(end));
  }
  return shifted;
}

TEST(Loop, PlaysTheFeedAgainWithSeqGoingOn) {
  const auto csv = world_csv(7);
  const auto once = lines_of(read_all(plan_of(csv, ticks(50, false))));
  std::vector<std::string> expected;
  for (std::uint64_t pass = 0; pass < 3; ++pass)
    for (auto& line : in_pass(once, pass)) expected.push_back(std::move(line));
  expected.resize(2 * once.size() + once.size() / 2);
  const auto plan = plan_of(csv, ticks(50, true, expected.size()));
  EXPECT_EQ(plan->pass_events(), once.size());
  EXPECT_EQ(plan->total_events(), expected.size());
  EXPECT_EQ(lines_of(read_all(plan)), expected);
  EXPECT_EQ(lines_of(read_all(plan, {.threads = 1})), expected);
  EXPECT_EQ(lines_of(read_all(plan, {.threads = 5})), expected);
}

TEST(Loop, HasNoEndWithoutALimit) {
  const auto plan = plan_of(world_csv(3), ticks(4, true));
  EXPECT_EQ(plan->total_events(), kUnlimited);
  FeedReader reader(plan, {});
  for (std::uint64_t position = 0; position < 50 * plan->pass_events();) {
    const auto batch = reader.next();
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->first_position, position);
    position += batch->size();
  }
}

RC_GTEST_PROP(Loop, StartsAtAnyPositionOfAnyPass, ()) {
  static const std::string csv = world_csv(6);
  const auto events = *rc::gen::element(4U, 390U, 3000U);
  static std::map<std::uint32_t, std::vector<std::string>> whole;
  auto& lines = whole[events];
  const auto pass_events = plan_of(csv, ticks(events, true))->pass_events();
  if (lines.empty()) lines = lines_of(read_all(plan_of(csv, ticks(events, true, 4 * pass_events))));
  RC_ASSERT(lines.size() == 4 * pass_events);
  const auto limit = *rc::gen::inRange<std::uint64_t>(1, lines.size() + 1);
  const auto first = *rc::gen::inRange<std::uint64_t>(0, limit + 2);
  FeedReader reader(plan_of(csv, ticks(events, true, limit)),
                    {.first_position = first, .threads = *rc::gen::inRange(1U, 4U)});
  std::uint64_t position = first;
  while (const auto batch = reader.next()) {
    RC_ASSERT(batch->first_position == position);
    RC_ASSERT(batch->pass == position / pass_events);
    RC_ASSERT((position + batch->size() - 1) / pass_events == batch->pass);  // of one pass alone
    for (std::size_t i = 0; i < batch->size(); ++i) RC_ASSERT(batch->record(i) == lines[position++]);
  }
  RC_ASSERT(position == std::max(first, limit));
}

TEST(Loop, IsAnotherFeed) {
  const auto csv = world_csv(3);
  const auto id = [&](bool loop, std::optional<std::uint64_t> limit) {
    return plan_of(csv, ticks(4, loop, limit))->id();
  };
  EXPECT_NE(id(true, {}), id(false, {}));
  EXPECT_NE(id(true, 5), id(false, 5));
  EXPECT_NE(id(true, 5), id(true, {}));
  EXPECT_EQ(id(true, 5), id(true, 5));
}

TEST(Loop, OfRandomRowsIsRefused) {
  FeedOptions options = ticks(4, true);
  options.mode = Mode::sample;
  const auto plan = FeedPlan::make(dataset_of(world_csv(3)), options);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::usage);
  EXPECT_NE(plan.error().message.find("--loop"), std::string::npos);
}

}  // namespace
}  // namespace stack::market
