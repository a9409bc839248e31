// The catalog kept in the lake itself: one JSON file a table, _stack/catalog/<database>/<table>.json, replaced as a
// whole. Thread-safety and failure: as Catalog; a file that is not a catalog entry is ErrorKind::storage with its key.
#pragma once

#include <string_view>

#include "catalog/catalog.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

class LakeCatalog final : public Catalog {
 public:
  // STORE must outlive the catalog.
  explicit LakeCatalog(lake::ObjectStore& store) : store_(store) {}

  [[nodiscard]] std::string description() const override;
  [[nodiscard]] Result<std::vector<std::string>> databases() override;
  [[nodiscard]] Result<std::vector<std::string>> tables(std::string_view database) override;
  [[nodiscard]] Result<std::optional<Table>> find(std::string_view database, std::string_view name) override;
  [[nodiscard]] Result<void> put(const Table& table) override;
  [[nodiscard]] Result<bool> remove(std::string_view database, std::string_view name) override;

 private:
  lake::ObjectStore& store_;
};

}  // namespace stack::catalog
