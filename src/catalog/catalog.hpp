// Where tables are registered: beside the data in the lake (LakeCatalog) or, on AWS, in Glue. Names are lower case.
// Every implementation passes the contract suite in tests/unit/catalog/catalog_contract.hpp.
// Thread-safety: an implementation may be used from any thread; of two writers of one table the last one wins, whole.
// Failure: Result; ErrorKind::storage or ErrorKind::unreachable with the place. An unknown table is a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table.hpp"
#include "core/result.hpp"

namespace stack::catalog {

inline constexpr std::string_view kDefaultDatabase = "stack";

class Catalog {
 public:
  Catalog() = default;
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;
  virtual ~Catalog() = default;

  // How users name it, e.g. "/data/lake/_stack/catalog".
  [[nodiscard]] virtual std::string description() const = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> databases() = 0;
  // Names, sorted. A database that does not exist has no tables.
  [[nodiscard]] virtual Result<std::vector<std::string>> tables(std::string_view database) = 0;
  [[nodiscard]] virtual Result<std::optional<Table>> find(std::string_view database, std::string_view name) = 0;
  // Creates or replaces the table with all its partitions, and its database if need be.
  [[nodiscard]] virtual Result<void> put(const Table& table) = 0;
  // Whether it did: removing what is not there is no error. The data stays.
  [[nodiscard]] virtual Result<bool> remove(std::string_view database, std::string_view name) = 0;
  // Tables that STACK has registered for this lake, of which the lake's own state may know nothing any more; sorted.
  // None where the catalog is kept beside that state.
  [[nodiscard]] virtual Result<std::vector<std::string>> own_tables(std::string_view /*database*/) {
    return std::vector<std::string>{};
  }
};

// The table, or an ErrorKind::usage error that lists the tables there are.
[[nodiscard]] Result<Table> require_table(Catalog& catalog, std::string_view database, std::string_view name);

}  // namespace stack::catalog
