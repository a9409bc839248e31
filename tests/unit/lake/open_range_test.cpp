#include "lake/open_range.hpp"

#include <gtest/gtest.h>

#include "lake/folder_store.hpp"
#include "lake/lake_layout.hpp"
#include "temporary_folder.hpp"

namespace stack::lake {
namespace {

using std::chrono::seconds;

class OpenRangeTest : public testing::Test {
 protected:
  OpenRangeTest() {
    lane_.table = "t";
    lane_.topic = "ticks";
    claim_.first = 0;
    claim_.end = 10;
  }
  void close() { ASSERT_TRUE(store_->put_if_absent(claim_key(lane_, claim_.end), "{}")); }

  TemporaryFolder folder_;
  std::unique_ptr<FolderStore> store_ = FolderStore::open(folder_.path()).value();
  Lane lane_;
  Claim claim_;
};

TEST_F(OpenRangeTest, IsOpenUntilTheSuccessorsClaimStands) {
  OpenRange open(*store_, lane_, claim_);
  EXPECT_TRUE(open.is_open().value());
  close();
  EXPECT_FALSE(open.is_open().value());
}

// A folder's compaction may merge what was closed a moment ago: nothing known before counts.
TEST_F(OpenRangeTest, AsksAFolderEachTime) {
  OpenRange open(*store_, lane_, claim_);
  open.was_open_at(OpenRange::boot_time());
  close();
  EXPECT_FALSE(open.is_open().value());
}

}  // namespace
}  // namespace stack::lake
