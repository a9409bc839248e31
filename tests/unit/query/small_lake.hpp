// A lake of a few files written by hand, crawled and opened for queries. In programs linked with distant_lake.cpp it is
// one whose objects are fetched first.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../lake/distant_store.hpp"
#include "../lake/temporary_folder.hpp"
#include "catalog/lake_catalog.hpp"
#include "core/stop_flag.hpp"
#include "lake/folder_store.hpp"
#include "query/duckdb_engine.hpp"

namespace stack::query {

using Row = std::vector<std::string>;  // NULL as "NULL"

extern const bool kLakeIsDistant;

class SmallLake : public ::testing::Test {
 protected:
  SmallLake();

  void write(std::string_view key, std::string_view bytes);
  // Writes a file of any format through DuckDB: COPY (SELECT) TO KEY.
  void write_with_duckdb(std::string_view key, std::string_view select, std::string_view options);
  void crawl();
  // Opens the engine if need be.
  [[nodiscard]] DuckdbEngine& engine();
  void reopen() { engine_.reset(); }
  // As it is crawled and asked.
  [[nodiscard]] lake::ObjectStore& lake();

  // The rows of an answer; fails the test for an error.
  [[nodiscard]] std::vector<Row> rows(std::string_view sql);
  [[nodiscard]] Error error(std::string_view sql);
  [[nodiscard]] std::vector<std::string> column_names(std::string_view sql);

  lake::TemporaryFolder folder_;
  std::unique_ptr<lake::FolderStore> store_;
  std::unique_ptr<lake::DistantStore> distant_;
  std::unique_ptr<catalog::LakeCatalog> catalog_;
  StopFlag stop_;
  std::unique_ptr<DuckdbEngine> engine_;
};

}  // namespace stack::query
