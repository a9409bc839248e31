#include "catalog/table_registration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "catalog/file_reading.hpp"
#include "catalog/table_builder.hpp"
#include "lake/claim.hpp"

namespace stack::catalog {
namespace {

constexpr std::size_t kMostPieces = 16;
constexpr std::size_t kMostClaims = 200;  // of a partition, that are looked through for what is not registered
constexpr unsigned kReadingThreads = 2;

const std::string& key_of(const SeenFile& seen) { return seen.file.key; }

Schema schema_of_ticks(bool quoted) {
  Schema schema;
  for (const auto& [name, type] : tick_columns()) schema.push_back({name, type});
  if (!quoted) return schema;
  for (const auto& [name, type] : quote_columns()) schema.push_back({name, type});
  return schema;
}

std::vector<std::string_view> keys_of(const RegisteredFiles::Pieces& pieces) {
  std::vector<std::string_view> keys;
  keys.reserve(pieces.size());
  for (const auto& [key, piece] : pieces) keys.push_back(key);
  return keys;
}

}  // namespace

TableRegistration::TableRegistration(lake::ObjectStore& store, Catalog& catalog, std::string database,
                                     std::string folder)
    : store_(store),
      catalog_(catalog),
      database_(std::move(database)),
      folder_(std::move(folder)),
      registered_(store, database_, folder_) {}

Result<void> TableRegistration::look() {
  // The pieces first: a crawl saves its state before it removes them.
  STACK_TRY(registered_.look());
  STACK_TRY_ASSIGN(crawled, load_state(store_, database_, folder_));
  crawled_ = std::move(crawled);
  known_ = crawled_;
  for (const auto& [key, piece] : registered_.pieces()) merge_files(known_, piece);
  known_.compact();
  return {};
}

bool TableRegistration::knows(std::string_view key) const {
  return std::ranges::binary_search(known_.files, key, {}, key_of);
}

Result<CrawlState> TableRegistration::describe(std::span<const lake::LandedFile> files, const StopFlag& stop) {
  CrawlState state;
  std::vector<const lake::LandedFile*> landed;
  for (const lake::LandedFile& file : files) {
    if (knows(file.key)) continue;
    STACK_TRY_ASSIGN(object, store_.head(file.key));
    auto found = object ? data_file(folder_, *object) : std::nullopt;
    if (!found) continue;
    state.files.push_back({*std::move(found), file.rows, 0, 0});
    landed.push_back(&file);
  }
  std::vector<const DataFile*> to_read;
  for (std::size_t i = 0; i < landed.size(); ++i) {
    if (landed[i]->ticks == lake::LandedFile::Ticks::unknown)
      to_read.push_back(&state.files[i].file);
    else
      state.files[i].schema = state.intern(schema_of_ticks(landed[i]->ticks == lake::LandedFile::Ticks::quoted));
  }
  STACK_TRY_ASSIGN(schemas, read_schemas(store_, to_read, kReadingThreads, stop));
  for (std::size_t i = 0, read = 0; i < landed.size(); ++i) {
    if (landed[i]->ticks != lake::LandedFile::Ticks::unknown) continue;
    STACK_TRY_ASSIGN(schema, std::move(schemas[read++]));
    state.files[i].rows = schema.rows;
    state.files[i].malformed_lines = schema.malformed_lines;
    state.files[i].schema = state.intern(schema.columns);
  }
  std::ranges::sort(state.files, {}, key_of);
  const auto same = std::ranges::unique(state.files, {}, key_of);
  state.files.erase(same.begin(), same.end());
  return state;
}

Result<std::size_t> TableRegistration::add(std::span<const lake::LandedFile> files, const StopFlag& stop) {
  STACK_TRY(look());
  STACK_TRY_ASSIGN(added, describe(files, stop));
  if (!added.files.empty()) STACK_TRY(registered_.add(added));
  if (registered_.pieces().size() > kMostPieces) STACK_TRY(registered_.join_pieces(crawled_));
  STACK_TRY(publish());
  return added.files.size();
}

Result<void> TableRegistration::publish() {
  while (true) {
    STACK_TRY(look());
    const auto seen = keys_of(registered_.pieces());
    const std::vector<std::string> before_put(seen.begin(), seen.end());
    Table table = build_table(database_, folder_, store_.uri(), known_);
    STACK_TRY_ASSIGN(before, catalog_.find(database_, table.name));
    if (before && before->folder != folder_)
      return fail(ErrorKind::conflict, fmt::format("the table '{}' of {} is of the folder {}/, not of {}/", table.name,
                                                   catalog_.description(), before->folder, folder_));
    if (before) table.unreadable_files = before->unreadable_files;
    if (known_.files.empty() || (before && *before == table)) return {};
    STACK_TRY(catalog_.put(table));
    STACK_TRY(registered_.look());
    if (std::ranges::equal(before_put, keys_of(registered_.pieces()))) return {};
  }
}

Result<TableRegistration::Backlog> TableRegistration::backlog() {
  STACK_TRY(look());
  Backlog backlog;
  STACK_TRY_ASSIGN(claims, store_.list(lake::claims_prefix(folder_)));
  std::string_view lane_path;
  std::size_t read = 0;
  bool done = false;
  for (auto object = claims.rbegin(); object != claims.rend(); ++object) {
    const std::string_view key = object->key;
    const auto path = key.substr(0, key.rfind('/'));
    if (path != lane_path) {
      lane_path = path;
      read = 0;
      done = false;
    }
    if (done) continue;
    if (++read > kMostClaims) {
      backlog.whole = false;
      done = true;
      continue;
    }
    const auto rest = path.substr(lake::claims_prefix(folder_).size());
    const auto slash = rest.rfind('/');
    if (slash == std::string_view::npos) continue;
    const lake::Lane lane{folder_, std::string(rest.substr(0, slash)),
                          std::atoi(std::string(rest.substr(slash + 1)).c_str())};
    STACK_TRY_ASSIGN(json, store_.get(key));
    if (!json) continue;
    STACK_TRY_ASSIGN(claim, lake::parse_claim(*json, key));
    done = !claim.files.empty();
    for (const lake::RangeFile& file : claim.files) {
      std::string file_key = lake::data_key(lane, file.dt, claim.first, claim.extension());
      if (knows(file_key)) continue;
      done = false;
      backlog.files.push_back({std::move(file_key), file.rows, lake::LandedFile::Ticks::unknown});
    }
  }
  return backlog;
}

}  // namespace stack::catalog
