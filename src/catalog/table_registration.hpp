// Files of a table into the catalog as they land, without a look at all the others: what `stack crawl` would say of the
// table, from what is known of its files. Several may register the same table at once, beside a crawl: each puts what
// it adds where all can see it (registered_files.hpp), writes the entry from what all have put, and looks again; the
// one whose entry comes last has seen everything that was put before it. Thread-safety: one thread. Failure: the
// store's and the catalog's; ErrorKind::conflict when the catalog's table of this name is of another folder. Whatever
// failed can be tried again.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "catalog/projection.hpp"
#include "catalog/registered_files.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"
#include "lake/claim.hpp"
#include "lake/landing.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

class TableRegistration {
 public:
  // FOLDER: the table's in the lake. STORE, CATALOG and CLOCK outlive it.
  TableRegistration(lake::ObjectStore& store, Catalog& catalog, std::string database, std::string folder,
                    const Clock& clock, Projection projection = Projection::as_it_was);

  // FILES that are known already, or not there any more, are passed over; how many were new. Those that are not known
  // to be ticks are read.
  [[nodiscard]] Result<std::size_t> add(std::span<const lake::LandedFile> files, const StopFlag& stop);

  struct Backlog {
    std::vector<lake::LandedFile> files;
    bool whole = true;  // false: there may be older ones
  };
  // Files that sinks have landed and nobody has registered, as after a crash: of each partition's newest claims.
  [[nodiscard]] Result<Backlog> backlog();

 private:
  [[nodiscard]] Result<void> look();
  [[nodiscard]] bool knows(std::string_view key) const;
  bool add_unknown(const lake::Lane& lane, const lake::Claim& claim, Backlog& backlog) const;
  [[nodiscard]] Result<void> publish();
  [[nodiscard]] Result<CrawlState> describe(std::span<const lake::LandedFile> files, const StopFlag& stop);

  lake::ObjectStore& store_;
  Catalog& catalog_;
  std::string database_;
  std::string folder_;
  const Clock& clock_;
  Projection projection_;
  RegisteredFiles registered_;
  CrawlState crawled_;  // of the last crawl
  CrawlState known_;    // and of all pieces
};

}  // namespace stack::catalog
