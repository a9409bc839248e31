#include "catalog/registered_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

namespace stack::catalog {
namespace {

constexpr std::string_view kExtension = ".ndjson";

std::string database_prefix(std::string_view database) { return fmt::format("_stack/registered/{}/", database); }

// Nobody else's.
std::string new_name() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{}", random(), random(), random(), kExtension);
}

}  // namespace

RegisteredFiles::RegisteredFiles(lake::ObjectStore& store, std::string_view database, std::string folder)
    : store_(store), folder_(std::move(folder)), prefix_(database_prefix(database) + folder_ + "/") {}

Result<const RegisteredFiles::Pieces*> RegisteredFiles::look() {
  for (bool all_read = false; !all_read;) {
    all_read = true;
    STACK_TRY_ASSIGN(objects, store_.list(prefix_));
    std::set<std::string_view> there;
    for (const lake::ObjectInfo& object : objects) there.insert(object.key);
    std::erase_if(pieces_, [&](const auto& piece) { return !there.contains(piece.first); });
    for (const lake::ObjectInfo& object : objects) {
      if (pieces_.contains(object.key)) continue;
      STACK_TRY_ASSIGN(text, store_.get(object.key));
      // Removed since it was listed: what it held is in a piece that was put before, or in the crawl's state.
      if (!text) {
        all_read = false;
        continue;
      }
      pieces_.emplace(object.key, parse_state(*text, folder_).value_or(CrawlState{}));
    }
  }
  return &pieces_;
}

Result<void> RegisteredFiles::add(const CrawlState& state) {
  const std::string key = prefix_ + new_name();
  STACK_TRY(store_.put_if_absent(key, state_text(folder_, state)));
  pieces_.emplace(key, state);
  return {};
}

Result<void> RegisteredFiles::join_pieces(const CrawlState& crawled) {
  CrawlState joined;
  std::vector<std::string> old;
  for (const auto& [key, piece] : pieces_) {
    merge_files(joined, piece);
    old.push_back(key);
  }
  std::erase_if(joined.files, [&](const SeenFile& seen) {
    return std::ranges::binary_search(crawled.files, seen.file.key, {},
                                      [](const SeenFile& known) -> const std::string& { return known.file.key; });
  });
  joined.compact();
  if (!joined.files.empty()) STACK_TRY(add(joined));
  for (const std::string& key : old) STACK_TRY(remove(key));
  return {};
}

Result<void> RegisteredFiles::remove(std::string_view key) {
  STACK_TRY(store_.remove(key));
  if (const auto piece = pieces_.find(key); piece != pieces_.end()) pieces_.erase(piece);
  return {};
}

Result<void> remove_registered(lake::ObjectStore& store, std::string_view database, std::string_view folder) {
  STACK_TRY_ASSIGN(objects, store.list(fmt::format("{}{}/", database_prefix(database), folder)));
  for (const lake::ObjectInfo& object : objects) STACK_TRY(store.remove(object.key));
  return {};
}

Result<std::vector<std::string>> registered_folders(lake::ObjectStore& store, std::string_view database) {
  const std::string prefix = database_prefix(database);
  STACK_TRY_ASSIGN(objects, store.list(prefix));
  std::vector<std::string> folders;
  for (const lake::ObjectInfo& object : objects) {
    const std::string_view path = std::string_view(object.key).substr(prefix.size());
    const std::string_view folder = path.substr(0, path.find('/'));
    if (folders.empty() || folders.back() != folder) folders.emplace_back(folder);
  }
  return folders;
}

}  // namespace stack::catalog
