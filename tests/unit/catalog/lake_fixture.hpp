// A lake of files written by hand, and its crawls.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "../lake/temporary_folder.hpp"
#include "catalog/crawler.hpp"
#include "catalog/lake_catalog.hpp"
#include "lake/folder_store.hpp"

namespace stack::catalog {

class LakeFixture : public testing::Test {
 protected:
  void write(std::string_view key, std::string_view bytes) { ASSERT_TRUE(store_->put(key, bytes)); }
  void erase(std::string_view key) { ASSERT_TRUE(store_->remove(key)); }

  CrawlSummary crawl_lake(const CrawlOptions& options = {}) {
    auto summary = crawl(*store_, catalog_, options, clock_, stop_);
    EXPECT_TRUE(summary) << summary.error().message;
    return summary.value_or(CrawlSummary{});
  }
  Table table(std::string_view name) {
    const auto found = catalog_.find("stack", name);
    EXPECT_TRUE(found && *found) << name;
    return found && *found ? **found : Table{};
  }
  // "name type" of each column.
  std::vector<std::string> columns(std::string_view name) {
    std::vector<std::string> out;
    for (const Column& column : table(name).columns) out.push_back(column.name + " " + hive_name(column.type));
    return out;
  }

  lake::TemporaryFolder folder_;
  std::unique_ptr<lake::FolderStore> store_ = lake::FolderStore::open(folder_.path()).value();
  LakeCatalog catalog_{*store_};
  SystemClock clock_;
  StopFlag stop_;
};

}  // namespace stack::catalog
