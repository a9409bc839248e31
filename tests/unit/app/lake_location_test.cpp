#include "app/lake_location.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

namespace stack::app {
namespace {

namespace fs = std::filesystem;

// In a folder of its own, since lakes are looked for below the working folder.
class LakeLocationTest : public ::testing::Test {
 protected:
  LakeLocationTest() {
    ::unsetenv("S3_BUCKET_NAME");
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  static Settings settings(const std::map<std::string, std::string>& flags = {}) {
    auto loaded = Settings::load(flags, {}, "/nonexistent");
    EXPECT_TRUE(loaded);
    return *std::move(loaded);
  }
  // A lake under ./stack-lake that was opened to write AGO.
  static std::string lake(const std::string& name, std::chrono::hours ago) {
    const auto path = fs::path{kLakesFolder} / name;
    fs::create_directories(path / "_stack");
    fs::last_write_time(path / "_stack", fs::file_time_type::clock::now() - ago);
    return path.string();
  }
  static Result<std::string> to_read(const Settings& with) {
    Progress progress{with};
    return lake_to_read(with, progress);
  }

  static Result<std::string> of_topic(const Settings& with, std::string_view topic) {
    Progress progress{with};
    return lake_of_topic(with, "ticks", topic, progress);
  }

  fs::path before_ = fs::current_path();
  fs::path folder_ = fs::path{::testing::TempDir()} / ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(LakeLocationTest, AnAuditTakesTheLakeOfItsTopic) {
  const auto older = lake("a-older", std::chrono::hours{3});
  const auto newer = lake("b-newer", std::chrono::hours{1});
  fs::create_directories(fs::path{older} / "_stack/claims/ticks/quotes");
  EXPECT_EQ(of_topic(settings(), "quotes").value(), older);
  EXPECT_EQ(of_topic(settings({{"lake", newer}}), "quotes").value(), newer);
  EXPECT_EQ(of_topic(settings(), "others").error().kind, ErrorKind::usage);
}

TEST_F(LakeLocationTest, ReadersTakeTheLatestOfSeveralAndWritersAreAsked) {
  EXPECT_EQ(to_read(settings()).error().kind, ErrorKind::usage);
  const auto older = lake("a-older", std::chrono::hours{3});
  EXPECT_EQ(to_read(settings()).value(), older);
  EXPECT_EQ(existing_lake_uri(settings()).value(), older);

  const auto newer = lake("b-newer", std::chrono::hours{1});
  EXPECT_EQ(to_read(settings()).value(), newer);
  EXPECT_EQ(to_read(settings({{"lake", older}})).value(), older);
  const auto asked = existing_lake_uri(settings());
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().message, "several lakes are here, choose one with --lake: " + older + ", " + newer);
}

TEST_F(LakeLocationTest, ALakeThatIsOpenedToWriteIsTheLatest) {
  const ManualClock clock{Micros{}};
  const auto older = lake("older", std::chrono::hours{3});
  const auto newer = lake("newer", std::chrono::hours{1});
  ASSERT_TRUE(open_lake(settings(), older, LakeUse::read, clock));
  EXPECT_EQ(to_read(settings()).value(), newer);
  ASSERT_TRUE(open_lake(settings(), older, LakeUse::write, clock));
  EXPECT_EQ(to_read(settings()).value(), older);
}

}  // namespace
}  // namespace stack::app
