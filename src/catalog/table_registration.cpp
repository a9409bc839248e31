#include "catalog/table_registration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <ranges>

#include "catalog/file_reading.hpp"
#include "catalog/table_builder.hpp"

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

// Of a claim's KEY, which is PREFIX + "<topic>/<partition>/<first offset>".
std::optional<lake::Lane> lane_of(std::string_view key, std::string_view prefix, const std::string& table) {
  const std::string_view path = key.substr(prefix.size());
  const auto topic_end = path.find('/');
  if (topic_end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = path.substr(topic_end + 1);
  std::int32_t partition = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), partition);
  if (error != std::errc{} || end == rest.data() + rest.size() || *end != '/') return std::nullopt;
  return lake::Lane{table, std::string(path.substr(0, topic_end)), partition};
}

}  // namespace

TableRegistration::TableRegistration(lake::ObjectStore& store, Catalog& catalog, std::string database,
                                     std::string folder, const Clock& clock, Projection projection)
    : store_(store),
      catalog_(catalog),
      database_(std::move(database)),
      folder_(std::move(folder)),
      clock_(clock),
      projection_(projection),
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
    project(table, before, projection_, std::chrono::floor<std::chrono::days>(clock_.now()));
    if (known_.files.empty() || (before && *before == table)) return {};
    STACK_TRY(catalog_.put(table));
    STACK_TRY(registered_.look());
    if (std::ranges::equal(before_put, keys_of(registered_.pieces()))) return {};
  }
}

// The files of CLAIM that are not known, into BACKLOG; whether it has files and all are known.
bool TableRegistration::add_unknown(const lake::Lane& lane, const lake::Claim& claim, Backlog& backlog) const {
  bool all_known = !claim.files.empty();
  for (const lake::RangeFile& file : claim.files) {
    std::string key = lake::data_key(lane, file.dt, claim.first, claim.extension());
    if (knows(key)) continue;
    all_known = false;
    backlog.files.push_back({std::move(key), file.rows, lake::LandedFile::Ticks::unknown});
  }
  return all_known;
}

Result<TableRegistration::Backlog> TableRegistration::backlog() {
  STACK_TRY(look());
  Backlog backlog;
  const std::string prefix = lake::claims_prefix(folder_);
  STACK_TRY_ASSIGN(claims, store_.list(prefix));
  std::string lane_path;
  std::size_t looked_at = 0;  // claims of the lane, from the newest back
  bool done = false;          // with the lane: from here on back all is registered
  for (const lake::ObjectInfo& object : std::views::reverse(claims)) {
    const auto lane = lane_of(object.key, prefix, folder_);
    if (!lane) continue;
    if (const std::string path = lake::claims_prefix(*lane); path != lane_path) {
      lane_path = path;
      looked_at = 0;
      done = false;
    }
    if (done) continue;
    if (++looked_at > kMostClaims) {
      backlog.whole = false;
      done = true;
      continue;
    }
    STACK_TRY_ASSIGN(json, store_.get(object.key));
    if (!json) continue;
    STACK_TRY_ASSIGN(claim, lake::parse_claim(*json, object.key));
    done = add_unknown(*lane, claim, backlog);
  }
  return backlog;
}

}  // namespace stack::catalog
