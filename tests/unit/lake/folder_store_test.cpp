#include "lake/folder_store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <future>

#include "object_store_contract.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct StoreInTemporaryFolder {
  TemporaryFolder folder;
  std::unique_ptr<FolderStore> store;
};

std::shared_ptr<ObjectStore> make_folder_store() {
  auto owner = std::make_shared<StoreInTemporaryFolder>();
  owner->store = FolderStore::open(owner->folder.path() / "lake").value();
  return {owner, owner->store.get()};
}

INSTANTIATE_TEST_SUITE_P(Folder, ObjectStoreContract, testing::Values(StoreFactory{"folder", make_folder_store}),
                         store_name);

TEST(FolderStore, LeavesNoTemporaryFileBehind) {
  const TemporaryFolder folder;
  auto store = FolderStore::open(folder.path()).value();
  ASSERT_TRUE(store->put_if_absent("a", "1"));
  ASSERT_TRUE(store->put_if_absent("a", "2"));
  ASSERT_TRUE(store->put("a", "3"));
  { auto upload = store->open_upload("b").value(); }
  EXPECT_TRUE(fs::is_empty(folder.path() / "_stack/tmp"));
}

TEST(FolderStore, SweepsWhatADeadProcessLeftAndNothingElse) {
  const TemporaryFolder folder;
  auto store = FolderStore::open(folder.path()).value();
  auto living = store->open_upload("k").value();
  ASSERT_TRUE(living->append("x"));
  const fs::path stale = folder.path() / "_stack/tmp/1-dead-0";
  const fs::path fresh = folder.path() / "_stack/tmp/1-young-0";
  std::ofstream(stale) << "x";
  std::ofstream(fresh) << "x";
  const auto hour_ago = fs::file_time_type::clock::now() - std::chrono::hours{1};
  for (const auto& entry : fs::directory_iterator(folder.path() / "_stack/tmp")) {
    if (entry.path() != fresh) fs::last_write_time(entry.path(), hour_ago);
  }
  EXPECT_EQ(store->sweep_stale_uploads().value(), 1U);
  EXPECT_FALSE(fs::exists(stale));
  EXPECT_TRUE(fs::exists(fresh));
  EXPECT_EQ(living->complete_if_absent().value(), PutOutcome::created);
  EXPECT_EQ(store->get("k").value(), "x");
}

TEST(FolderStore, GoesOnWhenItsFoldersWereRemoved) {
  const TemporaryFolder folder;
  auto store = FolderStore::open(folder.path() / "lake").value();
  ASSERT_TRUE(store->put_if_absent("t/a", "1"));
  fs::remove_all(folder.path() / "lake/t");
  fs::remove_all(folder.path() / "lake/_stack");
  EXPECT_EQ(store->put_if_absent("t/a", "1").value(), PutOutcome::created);
}

TEST(FolderStore, NamesAFileThatIsInTheWay) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "lake") << "x";
  const auto store = FolderStore::open(folder.path() / "lake");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::storage);
  EXPECT_THAT(store.error().message, HasSubstr((folder.path() / "lake").native()));
}

TEST(FolderStore, RefusesToReadALakeThatIsNotThere) {
  const TemporaryFolder folder;
  const auto store = FolderStore::open(folder.path() / "none", FolderStore::IfMissing::refuse);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr("there is no lake at"));
  EXPECT_FALSE(fs::exists(folder.path() / "none"));
}

TEST(FolderStore, AFileWhereAFolderBelongsIsAnError) {
  const TemporaryFolder folder;
  auto store = FolderStore::open(folder.path()).value();
  std::ofstream(folder.path() / "t") << "x";
  const auto put = store->put_if_absent("t/a", "1");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::storage);
  EXPECT_THAT(put.error().message, HasSubstr("in the way"));
}

TEST(FolderStore, SaysThatALakeIsReadOnly) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes everywhere";
  const TemporaryFolder folder;
  auto store = FolderStore::open(folder.path()).value();
  ::chmod(folder.path().c_str(), 0500);
  const auto put = store->put_if_absent("a", "1");
  ::chmod(folder.path().c_str(), 0700);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::storage);
  EXPECT_THAT(put.error().message, HasSubstr("permission"));
}

// Of a put that stops between its guard's yes and its name: the removal waits for it, so its file does not come back.
TEST(FolderStore, RemovesSupersededFilesOnlyBehindPutsWhoseGuardHasSaidYes) {
  const TemporaryFolder folder;
  auto sink = FolderStore::open(folder.path()).value();
  auto compaction = FolderStore::open(folder.path()).value();
  std::promise<void> asked;
  std::promise<void> go_on;
  auto put = std::async(std::launch::async, [&] {
    return sink->put_if_absent("t/late", "1", [&]() -> Result<bool> {
      asked.set_value();
      go_on.get_future().wait();
      return true;
    });
  });
  asked.get_future().wait();
  const std::array<std::string, 1> keys{"t/late"};
  auto removal = std::async(std::launch::async, [&] { return compaction->remove_superseded(keys); });
  EXPECT_EQ(removal.wait_for(std::chrono::milliseconds{200}), std::future_status::timeout);
  go_on.set_value();
  EXPECT_EQ(put.get().value(), PutOutcome::created);
  EXPECT_TRUE(removal.get());
  EXPECT_FALSE(sink->head("t/late").value());
}

TEST(FolderStore, PutsNothingWhoseGuardSaysNoOnceItsFileWasRemoved) {
  const TemporaryFolder folder;
  auto store = FolderStore::open(folder.path()).value();
  ASSERT_TRUE(store->put_if_absent("t/merged", "1"));
  auto late = store->open_upload("t/merged").value();
  ASSERT_TRUE(late->append("1"));
  const std::array<std::string, 2> keys{"t/merged", "t/never-there"};
  ASSERT_TRUE(store->remove_superseded(keys));
  EXPECT_EQ(late->complete_if_absent([]() -> Result<bool> { return false; }).value(), PutOutcome::withdrawn);
  EXPECT_FALSE(store->head("t/merged").value());
}

}  // namespace
}  // namespace stack::lake
