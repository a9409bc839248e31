// The catalog that is AWS Glue's: what Amazon Athena, Trino and Spark read (docs/glue.md). Its calls cost time, so only
// what differs is written, and partitions are read again only when the entry, which names their fingerprint, says that
// they are others than those read or written last, or after a few minutes.
// Glue has no transaction over a table and its partitions. They are written first, the table's entry last: an entry
// whose writer was killed differs from what its files say, and the next writer mends it. Until then a column whose type
// changed has the new one in partitions alone, which Athena refuses to read, and of a new table Athena sees those
// partitions that were written; to STACK it is no table before it is whole. Of two writers at once the second to come
// is told by Glue (VersionId), and compares again. Thread-safety and failure: as Catalog; besides, ErrorKind::access
// for what the credentials do not allow, and ErrorKind::conflict for a table of the name that others have made and that
// contradicts the files: it is left alone.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "aws/service_client.hpp"
#include "catalog/catalog.hpp"
#include "catalog/glue_partitions.hpp"
#include "core/time.hpp"

namespace stack::catalog {

class GlueCatalog final : public Catalog {
 public:
  using Say = std::function<void(const std::string& line)>;
  // LAKE: URI that tables must be below to be the lake's; empty: anywhere. CLOCK outlives the catalog. SAY hears of a
  // table that others have made, once it is taken over.
  GlueCatalog(std::unique_ptr<aws::ServiceClient> glue, std::string lake, const Clock& clock, Say say = {});

  [[nodiscard]] std::string description() const override;
  [[nodiscard]] Result<std::vector<std::string>> databases() override;
  [[nodiscard]] Result<std::vector<std::string>> tables(std::string_view database) override;
  [[nodiscard]] Result<std::optional<Table>> find(std::string_view database, std::string_view name) override;
  [[nodiscard]] Result<void> put(const Table& table) override;
  // Of what STACK has registered, and of this lake, alone: others' tables stay.
  [[nodiscard]] Result<bool> remove(std::string_view database, std::string_view name) override;
  [[nodiscard]] Result<std::vector<std::string>> own_tables(std::string_view database) override;

  [[nodiscard]] Result<void> ensure_database(const std::string& database);

 private:
  struct Known {
    std::string fingerprint;
    std::vector<GluePartition> partitions;
    std::chrono::steady_clock::time_point since;
  };

  [[nodiscard]] Result<std::optional<GlueTable>> entry(const GlueTableName& name);
  [[nodiscard]] Result<std::vector<GlueTable>> entries(std::string_view database);
  [[nodiscard]] bool is_of_lake(const GlueTable& entry) const;
  // Of ENTRY as it is now; none where the table has gone.
  [[nodiscard]] Result<std::optional<std::vector<GluePartition>>> partitions(const GlueTableName& name,
                                                                             const GlueTable& entry);
  void remember(const GlueTableName& name, std::string fingerprint, std::vector<GluePartition> partitions);
  void forget(const GlueTableName& name);

  // Each is a step of put(); false: others were quicker, and everything has to be looked at again.
  [[nodiscard]] Result<bool> create(const GlueTableName& name, const Table& table, bool whole,
                                    const std::optional<GlueTable>& deleted);
  [[nodiscard]] Result<bool> replace(const GlueTableName& name, const GlueTable& before, const GlueTable& wanted,
                                     const std::vector<GluePartition>& partitions);
  [[nodiscard]] Result<bool> update(const GlueTableName& name, const GlueTable& before, const GlueTable& wanted);
  [[nodiscard]] Result<void> check_free(const GlueTableName& name, const GlueTable& before,
                                        const GlueTable& wanted) const;
  [[nodiscard]] std::unexpected<Error> contradicts(const GlueTableName& name,
                                                   const std::vector<std::string>& how) const;
  [[nodiscard]] Result<void> create_database(const std::string& database);
  [[nodiscard]] Result<void> delete_table(const GlueTableName& name);

  std::unique_ptr<aws::ServiceClient> glue_;
  std::string lake_;
  const Clock& clock_;
  Say say_;
  std::mutex mutex_;
  std::map<GlueTableName, Known> known_;  // guarded by mutex_
};

}  // namespace stack::catalog
