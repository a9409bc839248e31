// Lakes that cannot be written, budgets that are small, and what independent readers make of the files.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <cstdlib>

#include "lake_fixture.hpp"

namespace stack::lake::testing_support {
namespace {

namespace fs = std::filesystem;
using kafka::testing_support::make_topic;
using testing::HasSubstr;

class Storage : public LakeTest {
 protected:
  static constexpr int kStorage = static_cast<int>(ErrorKind::storage);
};

// A small file system on the lake's folder, for as long as the scope.
class SmallFileSystem {
 public:
  SmallFileSystem(const fs::path& folder, const char* size) : folder_(folder) {
    fs::create_directories(folder);
    mounted_ = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, fmt::format("size={}", size).c_str()) == 0;
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;
  ~SmallFileSystem() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }
  void remount(unsigned long flags, const char* options) const {
    ASSERT_EQ(::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | flags, options), 0);
  }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

TEST_F(Storage, AFullDiskIsAnErrorAndNothingIsLost) {
  const SmallFileSystem disk(lake(), "3m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting needs root";
  const auto topic = make_topic(2);
  produce(topic, 0, 60'000);
  for (const char* format : {"format=ndjson", "format=parquet"}) {
    const auto full = start_sink(topic, {format, "count=5000"});
    EXPECT_EQ(full->wait(), kStorage) << full->output();
    EXPECT_THAT(full->output(), HasSubstr(lake().native()));
  }
  disk.remount(0, "size=100m");
  sink(topic, {"count=5000"});
  expect_exactly_once(topic, 60'000);
}

TEST_F(Storage, AReadOnlyLakeIsAnErrorThatSaysSo) {
  const SmallFileSystem disk(lake(), "100m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting needs root";
  const auto topic = make_topic(1);
  produce(topic, 0, 100);
  sink(topic);
  produce(topic, 100, 100);
  disk.remount(MS_RDONLY, "");
  const auto refused = start_sink(topic);
  EXPECT_EQ(refused->wait(), kStorage) << refused->output();
  EXPECT_THAT(refused->output(), HasSubstr("writable"));
  EXPECT_EQ(audit(topic).rows, 100U);
}

TEST_F(Storage, ASmallBudgetHoldsManyLateDates) {
  const auto topic = make_topic(3);
  constexpr std::uint64_t kEvents = 120'000;
  std::vector<std::string> values;
  values.reserve(kEvents);
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    values.push_back(
        fmt::format(R"({{"session_date":"{}","n":{}}})", format_date(Date{std::chrono::days{i * 7'919 % 4'000}}), i));
  }
  produce_values(topic, values);
  const auto process = start_sink(topic, {"partition_by=day", "budget=8388608"});
  ASSERT_EQ(process->wait(), 0) << process->output();
  expect_exactly_once(topic, kEvents);
}

TEST_F(Storage, ACopiedLakeGoesOnByItself) {
  const auto topic = make_topic(2);
  produce(topic, 0, 10'000);
  sink(topic, {"count=1500"});
  const fs::path copy = lake().parent_path() / "copy";
  fs::copy(lake(), copy, fs::copy_options::recursive);
  produce(topic, 10'000, 10'000);
  sink(topic, {"count=2000"});
  const auto second = start_sink(topic, {"count=3000", "partition_by=day"}, {}, copy);
  EXPECT_EQ(second->wait(), 0) << second->output();
  expect_exactly_once(topic, 20'000);
  const VerifyResult result = audit(topic, copy);
  EXPECT_TRUE(result.clean());
  EXPECT_EQ(result.rows, 20'000U);
}

TEST_F(Storage, ACopyWithoutTheClaimsIsRefused) {
  const auto topic = make_topic(1);
  produce(topic, 0, 10'000);
  sink(topic, {"count=1500"});
  const fs::path copy = lake().parent_path() / "copy";
  fs::create_directories(copy);
  fs::copy(lake() / "ticks", copy / "ticks", fs::copy_options::recursive);
  const auto refused = start_sink(topic, {"count=2000"}, {}, copy);
  EXPECT_EQ(refused->wait(), static_cast<int>(ErrorKind::conflict)) << refused->output();
  EXPECT_THAT(refused->output(), HasSubstr("_stack"));
}

// Rows as DuckDB's own Python module and pyarrow read them.
TEST_F(Storage, IndependentReadersReadEveryFormat) {
  const char* python = std::getenv("STACK_TEST_PYTHON");
  if (python == nullptr || !fs::exists(python)) GTEST_SKIP() << "STACK_TEST_PYTHON is not set";
  const auto topic = make_topic(2);
  produce(topic, 0, 50'000);
  const std::vector<Options> terms{{"table=plain"},
                                   {"table=gz", "compression=gzip"},
                                   {"table=zst", "compression=zstd", "partition_by=day"},
                                   {"table=pq", "format=parquet", "partition_by=year"}};
  for (const auto& options : terms) sink(topic, options);
  const fs::path script = fs::path(STACK_TEST_SOURCE_DIR) / "read_back.py";
  Process reader({python, script.native(), lake().native()}, {});
  EXPECT_EQ(reader.wait(), 0) << reader.output();
}

}  // namespace
}  // namespace stack::lake::testing_support
