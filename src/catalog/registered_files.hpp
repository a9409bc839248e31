// The files of a table that registrars have told the catalog of since it was crawled, kept as pieces under
// _stack/registered/<database>/<folder>/. A piece is put once and never changed; when there are many, one that holds
// what they hold is put before they are removed. So registrars that work at once lose nothing of each other's: what is
// known of a table is the crawl's state and all pieces together, whoever put them, in whatever order.
// A crawl takes the pieces' files for read, saves them in its state, and removes the pieces which the state of a crawl
// before it has whole.
// Thread-safety: one thread. Failure: the store's. A piece that cannot be read counts as none, as a crawl's state does.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/crawl_state.hpp"
#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

class RegisteredFiles {
 public:
  RegisteredFiles(lake::ObjectStore& store, std::string_view database, std::string folder);

  using Pieces = std::map<std::string, CrawlState, std::less<>>;  // by key
  // Those that are there now. Reads only what is new since the last call.
  [[nodiscard]] Result<const Pieces*> look();
  [[nodiscard]] const Pieces& pieces() const { return pieces_; }
  // A new piece of STATE's files.
  [[nodiscard]] Result<void> add(const CrawlState& state);
  // One piece in place of all that look() found, but for the files that CRAWLED has.
  [[nodiscard]] Result<void> join_pieces(const CrawlState& crawled);
  [[nodiscard]] Result<void> remove(std::string_view key);

 private:
  lake::ObjectStore& store_;
  std::string folder_;
  std::string prefix_;
  Pieces pieces_;
};

[[nodiscard]] Result<void> remove_registered(lake::ObjectStore& store, std::string_view database,
                                             std::string_view folder);
// Folders that have pieces.
[[nodiscard]] Result<std::vector<std::string>> registered_folders(lake::ObjectStore& store, std::string_view database);

}  // namespace stack::catalog
