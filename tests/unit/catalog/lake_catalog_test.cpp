#include "catalog/lake_catalog.hpp"

#include "../lake/temporary_folder.hpp"
#include "catalog_contract.hpp"
#include "lake/folder_store.hpp"

namespace stack::catalog {
namespace {

struct CatalogInFolder {
  lake::TemporaryFolder folder;
  std::unique_ptr<lake::FolderStore> store = lake::FolderStore::open(folder.path()).value();
  LakeCatalog catalog{*store};
};

std::shared_ptr<Catalog> make() {
  auto whole = std::make_shared<CatalogInFolder>();
  return {whole, &whole->catalog};
}

INSTANTIATE_TEST_SUITE_P(Lake, CatalogContract, testing::Values(CatalogFactory{"Lake", make}),
                         [](const auto& each) { return each.param.name; });

TEST(LakeCatalog, ADamagedEntryIsAnErrorThatNamesIt) {
  CatalogInFolder in;
  for (const char* bytes : {"", "{", "[]", "{\"name\":\"ticks\"}"}) {
    ASSERT_TRUE(in.store->put("_stack/catalog/stack/ticks.json", bytes));
    const auto table = in.catalog.find("stack", "ticks");
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().kind, ErrorKind::storage);
    EXPECT_THAT(table.error().message, testing::HasSubstr("_stack/catalog/stack/ticks.json"));
  }
}

}  // namespace
}  // namespace stack::catalog
