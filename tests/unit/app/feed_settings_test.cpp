// Which sessions a feed has when the user names none: the last of a replay, the first of a model.
#include "app/feed_settings.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "app/model_settings.hpp"
#include "model/bar_path.hpp"

namespace stack::app {
namespace {

constexpr std::size_t kHistory = 200;
constexpr std::uint32_t kLast = 5;

class FeedSettingsTest : public ::testing::Test {
 protected:
  FeedSettingsTest() {
    std::filesystem::create_directories(folder_);
    std::ofstream data{data_};
    data << "Symbol,Date,Open,High,Low,Close,Volume\n";
    double price = 100.0;
    double t = 0.0;
    for (const auto day : model::weekdays_from(15'000, kHistory)) {
      const double next = price * (1.0 + 0.01 * std::sin(t * t));
      ++t;
      data << fmt::format("A,{},{:.2f},{:.2f},{:.2f},{:.2f},1000\n", format_date(Date{std::chrono::days{day}}), price,
                          std::max(price, next) + 0.5, std::min(price, next) - 0.5, next);
      price = next;
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // How many sessions the feed of these flags has, where a command plays the last LAST unless told otherwise.
  [[nodiscard]] std::uint64_t sessions(std::map<std::string, std::string> flags, std::uint32_t last = kLast) const {
    flags["quiet"] = "true";
    auto settings = Settings::load(std::move(flags), {}, folder_);
    if (!settings) throw std::runtime_error(settings.error().message);
    Progress progress{*settings};
    const SystemClock clock;
    StopFlag stop;
    const Context context{*settings, {data_}, stop, clock};
    const auto plan = plan_feed(context, progress, last);
    if (!plan) throw std::runtime_error(plan.error().message);
    return (*plan)->facts().at(0).sessions;
  }

  std::filesystem::path folder_ =
      std::filesystem::path{::testing::TempDir()} / ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string data_ = folder_ / "data.csv";
};

TEST_F(FeedSettingsTest, AReplayHasItsLastSessionsUnlessARangeOrPaceIsNamed) {
  EXPECT_EQ(sessions({}), kLast);
  EXPECT_EQ(sessions({}, 0), kHistory);
  EXPECT_EQ(sessions({{"from", "2000-01-01"}}), kHistory);
  EXPECT_EQ(sessions({{"speed", "max"}}), kHistory);
}

TEST_F(FeedSettingsTest, AModelMakesAsManyUnlessTheirNumberOrAPaceIsNamed) {
  const std::string mode = "gbm";
  EXPECT_EQ(sessions({{"mode", mode}}), kLast);
  EXPECT_EQ(sessions({{"mode", mode}}, 0), model::kDefaultSessions);
  EXPECT_EQ(sessions({{"mode", mode}, {"sessions", "40"}}), 40U);
  EXPECT_EQ(sessions({{"mode", mode}, {"speed", "max"}}), model::kDefaultSessions);
  EXPECT_EQ(sessions({{"mode", mode}, {"limit", "100"}}), model::kDefaultSessions);
}

TEST_F(FeedSettingsTest, DatesChooseWhatAModelIsFittedOnAndNoRange) {
  EXPECT_EQ(sessions({{"mode", "gbm"}, {"from", "2000-01-01"}}), kLast);
  EXPECT_EQ(sessions({{"mode", "gbm"}, {"to", "2030-01-01"}}), kLast);
  EXPECT_EQ(sessions({{"mode", "gbm"}, {"from", "2000-01-01"}, {"sessions", "7"}}), 7U);
}

TEST_F(FeedSettingsTest, ABadFitIsAMatterOfOneModel) {
  for (const auto* mode : {"gbm", "replay"}) {
    try {
      static_cast<void>(sessions({{"mode", mode}, {"on-bad-fit", "ewma"}}));
      ADD_FAILURE() << mode;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("--on-bad-fit"));
    }
  }
  EXPECT_EQ(sessions({{"mode", "fhs"}, {"on-bad-fit", "ewma"}}), kLast);
  EXPECT_THROW(static_cast<void>(sessions({{"mode", "fhs"}, {"on-bad-fit", "skip"}})), std::runtime_error);
}

}  // namespace
}  // namespace stack::app
