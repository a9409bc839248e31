#include "lake/folder_store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

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

}  // namespace
}  // namespace stack::lake
