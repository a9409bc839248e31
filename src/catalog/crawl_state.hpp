// What the last crawl saw of a table's files, kept at _stack/crawl/<database>/<folder>.ndjson: the first line holds
// the schemas, each other line a file. A crawl reads again only what differs.
// Thread-safety: values and free functions. Failure: the store's; a state that cannot be read counts as none, for the
// price is only that files are read again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/data_file.hpp"
#include "catalog/file_schema.hpp"
#include "core/result.hpp"
#include "lake/object_store.hpp"

namespace stack::catalog {

struct SeenFile {
  DataFile file;
  std::uint64_t rows = 0;
  std::uint64_t malformed_lines = 0;
  std::size_t schema = 0;  // index into CrawlState::schemas
};

struct CrawlState {
  std::vector<Schema> schemas;
  std::vector<SeenFile> files;  // by key

  // The index of SCHEMA, added if it is new.
  [[nodiscard]] std::size_t intern(const Schema& schema);
  // Drops schemas that no file has, and numbers the rest in the order of the files.
  void compact();

 private:
  std::unordered_map<std::string, std::size_t> interned_;  // of schemas by their JSON
};

// Adds the files of FROM that INTO does not have; the files stay in the order of their keys.
void merge_files(CrawlState& into, const CrawlState& from);

// As it is kept: the inverse of each other. No state for a text that is none.
[[nodiscard]] std::string state_text(std::string_view folder, const CrawlState& state);
[[nodiscard]] std::optional<CrawlState> parse_state(const std::string& text, std::string_view folder);

[[nodiscard]] Result<CrawlState> load_state(lake::ObjectStore& store, std::string_view database,
                                            std::string_view folder);
[[nodiscard]] Result<void> save_state(lake::ObjectStore& store, std::string_view database, std::string_view folder,
                                      const CrawlState& state);
[[nodiscard]] Result<void> remove_state(lake::ObjectStore& store, std::string_view database, std::string_view folder);
// Folders that have a state.
[[nodiscard]] Result<std::vector<std::string>> state_folders(lake::ObjectStore& store, std::string_view database);

}  // namespace stack::catalog
