#include "small_lake.hpp"

#include <fmt/format.h>

#include "catalog/crawler.hpp"
#include "duckdb/database.hpp"

namespace stack::query {

namespace db = duckdb_embedded;

SmallLake::SmallLake() {
  store_ = lake::FolderStore::open(folder_.path() / "lake").value();
  distant_ = std::make_unique<lake::DistantStore>(*store_);
  catalog_ = std::make_unique<catalog::LakeCatalog>(*store_);
}

lake::ObjectStore& SmallLake::lake() {
  if (!kLakeIsDistant) return *store_;
  if (!distant_->is_over(*store_)) distant_ = std::make_unique<lake::DistantStore>(*store_);
  return *distant_;
}

void SmallLake::write(std::string_view key, std::string_view bytes) {
  const auto done = store_->put(key, bytes);
  ASSERT_TRUE(done) << done.error().message;
}

void SmallLake::write_with_duckdb(std::string_view key, std::string_view select, std::string_view options) {
  const auto path = store_->local_path(key).value();
  std::filesystem::create_directories(path.parent_path());
  auto database = db::Database::open({});
  ASSERT_TRUE(database);
  auto connection = database->connect();
  ASSERT_TRUE(connection);
  const auto done =
      connection->run(fmt::format("COPY ({}) TO {} ({})", select, db::quote_literal(path.native()), options));
  ASSERT_TRUE(done) << done.error().message;
}

void SmallLake::crawl() {
  const auto summary = catalog::crawl(lake(), *catalog_, {}, SystemClock{}, stop_);
  ASSERT_TRUE(summary) << summary.error().message;
}

DuckdbEngine& SmallLake::engine() {
  if (engine_ == nullptr) {
    DuckdbEngineOptions options{.threads = 2, .memory_bytes = 256 << 20};
    options.cache = lake::ObjectCacheOptions{.root = folder_.path() / "cache"};
    auto opened = DuckdbEngine::open(*catalog_, lake(), options, stop_);
    if (!opened) throw std::runtime_error(opened.error().message);
    engine_ = *std::move(opened);
  }
  return *engine_;
}

std::vector<Row> SmallLake::rows(std::string_view sql) {
  std::vector<Row> all;
  auto result = engine().run(sql);
  EXPECT_TRUE(result) << sql << ": " << (result ? "" : result.error().message);
  if (!result) return all;
  while (true) {
    auto batch = (*result)->next();
    EXPECT_TRUE(batch) << sql << ": " << (batch ? "" : batch.error().message);
    if (!batch || !*batch) return all;
    for (std::size_t row = 0; row < (*batch)->rows(); ++row) {
      Row& added = all.emplace_back();
      for (std::size_t i = 0; i < (*result)->columns().size(); ++i)
        added.emplace_back((*batch)->value(row, i).value_or("NULL"));
    }
  }
}

Error SmallLake::error(std::string_view sql) {
  auto result = engine().run(sql);
  if (!result) return std::move(result).error();
  while (true) {
    auto batch = (*result)->next();
    if (!batch) return std::move(batch).error();
    if (!*batch) break;
  }
  ADD_FAILURE() << "no error: " << sql;
  return {};
}

std::vector<std::string> SmallLake::column_names(std::string_view sql) {
  auto result = engine().run(sql);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  std::vector<std::string> names;
  if (result) {
    for (const ResultColumn& column : (*result)->columns()) names.push_back(column.name);
  }
  return names;
}

}  // namespace stack::query
