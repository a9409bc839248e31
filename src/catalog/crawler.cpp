#include "catalog/crawler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "catalog/crawl_state.hpp"
#include "catalog/file_reading.hpp"
#include "catalog/registered_files.hpp"
#include "catalog/table_builder.hpp"
#include "core/stoppable_wait.hpp"

namespace stack::catalog {
namespace {

// One table on its way through a crawl.
struct TableWork {
  TableFolder folder;
  CrawlState state;                        // of the files that are there now; those to read lack their schema yet
  std::vector<std::size_t> to_read;        // indices into state.files
  std::vector<UnreadableFile> unreadable;  // by key
  std::uint64_t files_read = 0;
  std::uint64_t bytes_read = 0;
  bool state_changed = false;
  std::unique_ptr<RegisteredFiles> registered;  // what registrars have added, taken for read
  std::vector<std::string> spent_pieces;        // of it, what the state has whole, or the lake no more
};

bool same_file(const DataFile& a, const DataFile& b) {
  return a.key == b.key && a.size == b.size && a.modified == b.modified;
}

using Registered = std::map<std::string, std::unique_ptr<RegisteredFiles>>;  // by folder

// To be looked at before the lake's files are: what a piece names and the lake does not have is then gone for good.
Result<Registered> look_at_registered(lake::ObjectStore& store, const CrawlOptions& options) {
  Registered registered;
  STACK_TRY_ASSIGN(folders, registered_folders(store, options.database));
  for (const std::string& folder : folders) {
    auto files = std::make_unique<RegisteredFiles>(store, options.database, folder);
    STACK_TRY(files->look());
    registered.emplace(folder, std::move(files));
  }
  return registered;
}

// Adds what registrars know to BEFORE, the state of the crawl before.
void take_registered(TableWork& work, const TableFolder& folder, CrawlState& before) {
  const auto key_of_seen = [](const SeenFile& seen) -> const std::string& { return seen.file.key; };
  CrawlState joined = before;
  for (const auto& [key, piece] : work.registered->pieces()) {
    const bool spent = std::ranges::all_of(piece.files, [&](const SeenFile& seen) {
      return std::ranges::binary_search(before.files, seen.file.key, {}, key_of_seen) ||
             !std::ranges::binary_search(folder.files, seen.file.key, {}, &DataFile::key);
    });
    if (spent)
      work.spent_pieces.push_back(key);
    else
      work.state_changed = true;
    merge_files(joined, piece);
  }
  before = std::move(joined);
}

Result<TableWork> plan(lake::ObjectStore& store, const CrawlOptions& options, TableFolder folder,
                       std::unique_ptr<RegisteredFiles> registered) {
  TableWork work;
  STACK_TRY_ASSIGN(before, load_state(store, options.database, folder.folder));
  const std::size_t files_before = before.files.size();
  work.registered = std::move(registered);
  take_registered(work, folder, before);
  auto seen = before.files.begin();
  for (DataFile& file : folder.files) {
    while (seen != before.files.end() && seen->file.key < file.key) ++seen;
    if (!options.full && seen != before.files.end() && same_file(seen->file, file)) {
      work.state.files.push_back(std::move(*seen));
      continue;
    }
    work.to_read.push_back(work.state.files.size());
    work.state.files.push_back({std::move(file), 0, 0, 0});
  }
  if (work.state.files.size() - work.to_read.size() != files_before) work.state_changed = true;
  work.state.schemas = std::move(before.schemas);
  folder.files.clear();
  work.folder = std::move(folder);
  return work;
}

void take_schema(TableWork& table, SeenFile& seen, const FileSchema& schema) {
  seen.rows = schema.rows;
  seen.malformed_lines = schema.malformed_lines;
  seen.schema = table.state.intern(schema.columns);
  table.state_changed = true;
  ++table.files_read;
  table.bytes_read += seen.file.size;
}

// They stay out of the state, so that the next crawl tries them again.
void drop_unreadable_files(TableWork& table) {
  std::erase_if(table.state.files, [&](const SeenFile& seen) {
    return std::ranges::binary_search(table.unreadable, seen.file.key, {}, &UnreadableFile::key);
  });
  table.to_read.clear();
}

Result<void> read_new_files(lake::ObjectStore& store, const CrawlOptions& options, const StopFlag& stop,
                            std::vector<TableWork>& tables, CrawlSummary& summary) {
  std::vector<const DataFile*> files;
  for (const TableWork& table : tables) {
    for (const std::size_t i : table.to_read) files.push_back(&table.state.files[i].file);
  }
  STACK_TRY_ASSIGN(schemas, read_schemas(store, files, options.threads, stop));
  auto schema = schemas.begin();
  for (TableWork& table : tables) {
    for (const std::size_t i : table.to_read) {
      SeenFile& seen = table.state.files[i];
      if (*schema) {
        take_schema(table, seen, **schema);
        summary.text_bytes += (*schema)->text_bytes;
      } else {
        table.unreadable.push_back({seen.file.key, schema->error().message});
      }
      ++schema;
    }
    drop_unreadable_files(table);
    table.state.compact();
  }
  return {};
}

void note_files(const TableWork& work, const Table& table, CrawledTable& crawled) {
  if (!work.folder.passed_over.empty())
    crawled.notes.push_back(fmt::format("{} files of no known format were passed over, e.g. {}",
                                        work.folder.passed_over.size(), work.folder.passed_over.front()));
  if (table.malformed_lines > 0) {
    const auto bad = std::ranges::find_if(work.state.files, [](const SeenFile& f) { return f.malformed_lines > 0; });
    crawled.notes.push_back(
        fmt::format("{} lines are not JSON objects and no rows, e.g. in {}", table.malformed_lines, bad->file.key));
  }
  if (table.unpartitioned_files > 0)
    crawled.notes.push_back(fmt::format("{} files are in no {}= folder: Athena does not read them",
                                        table.unpartitioned_files, table.partition_keys.front()));
  if (const auto repeated = repeated_partitions(table); !repeated.empty())
    crawled.notes.push_back(
        fmt::format("{} partitions have the values of another, e.g. {}: Athena reads one folder a partition",
                    repeated.size(), repeated.front()->path));
  if (table.mixed_formats) crawled.notes.emplace_back("holds NDJSON and Parquet: Athena reads one format a table");
}

CrawledTable summarise(const TableWork& work, const Table& table) {
  CrawledTable crawled;
  crawled.name = table.name;
  crawled.format = table.format;
  crawled.columns = table.columns.size();
  crawled.partitions = table.partitions.size();
  crawled.files = table.files;
  crawled.rows = table.rows;
  crawled.malformed_lines = table.malformed_lines;
  crawled.files_read = work.files_read;
  crawled.bytes_read = work.bytes_read;
  crawled.unreadable = work.unreadable;
  return crawled;
}

// BEFORE: the catalog's entry.
Table table_of(const lake::ObjectStore& store, const CrawlOptions& options, const TableWork& work,
               const std::optional<Table>& before, Date today) {
  Table table = build_table(options.database, work.folder.folder, store.uri(), work.state);
  for (const UnreadableFile& file : work.unreadable)
    table.unreadable_files.push_back(file.key.substr(work.folder.folder.size() + 1));
  project(table, before, options.projection, today);
  return table;
}

// What was registered while the lake's files were looked at: the entry that has just been written may have replaced one
// that had it. Whether there was anything.
Result<bool> take_registered_since(TableWork& work) {
  std::vector<std::string> known;
  for (const auto& [key, piece] : work.registered->pieces()) known.push_back(key);
  STACK_TRY(work.registered->look());
  bool more = false;
  for (const auto& [key, piece] : work.registered->pieces()) {
    if (std::ranges::binary_search(known, key)) continue;
    merge_files(work.state, piece);
    more = true;
  }
  if (!more) return false;
  work.state.compact();
  work.state_changed = true;
  return true;
}

// The catalog is compared each time, not only when files changed: a crawl that was killed between catalog and state,
// or an entry that was removed by hand, is mended by the next.
Result<CrawledTable> register_table(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options,
                                    TableWork& work, Date today) {
  // What was known of a table that cannot be read at all just now is not forgotten.
  if (work.state.files.empty()) return summarise(work, table_of(store, options, work, std::nullopt, today));
  STACK_TRY_ASSIGN(before, catalog.find(options.database, table_name_of(work.folder.folder)));
  Table table = table_of(store, options, work, before, today);
  const bool changed = !before || *before != table;
  if (changed) STACK_TRY(catalog.put(table));
  for (bool overwritten = changed; overwritten;) {
    STACK_TRY_ASSIGN(more, take_registered_since(work));
    if (more) {
      table = table_of(store, options, work, before, today);
      STACK_TRY(catalog.put(table));
    }
    overwritten = more;
  }
  CrawledTable crawled = summarise(work, table);
  crawled.changed = changed;
  if (changed) crawled.notes = before ? drift_since(*before, table) : drift_between_files(table, work.state);
  note_files(work, table, crawled);
  if (options.projection == Projection::on && !table.partition_keys.empty() && !can_be_projected(table))
    crawled.notes.emplace_back("is not projected: its partitions are not all of a day, a month or a year, named alike");
  if (work.state_changed) STACK_TRY(save_state(store, options.database, work.folder.folder, work.state));
  for (const std::string& piece : work.spent_pieces) STACK_TRY(work.registered->remove(piece));
  return crawled;
}

// What has gone is removed from the catalog first and from the lake's state last: where the first fails, the next crawl
// still knows of it.
Result<void> remove_vanished(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options,
                             const std::vector<TableWork>& tables, CrawlSummary& summary) {
  STACK_TRY_ASSIGN(crawled, state_folders(store, options.database));
  STACK_TRY_ASSIGN(registered, registered_folders(store, options.database));
  std::set<std::string> folders(crawled.begin(), crawled.end());
  folders.insert(registered.begin(), registered.end());
  // A folder that was renamed from t to T has the same table.
  const auto is_borne = [&](const std::string& name) {
    return std::ranges::any_of(tables,
                               [&](const TableWork& work) { return table_name_of(work.folder.folder) == name; });
  };
  const auto remove_table = [&](const std::string& name) -> Result<void> {
    if (is_borne(name)) return {};
    STACK_TRY_ASSIGN(removed, catalog.remove(options.database, name));
    if (removed) summary.removed_tables.push_back(name);
    return {};
  };
  for (const std::string& folder : folders) {
    const auto there = [&](const TableWork& work) { return work.folder.folder == folder; };
    if (std::ranges::any_of(tables, there)) continue;
    STACK_TRY(remove_table(table_name_of(folder)));
    STACK_TRY(remove_registered(store, options.database, folder));
    STACK_TRY(remove_state(store, options.database, folder));
  }
  STACK_TRY_ASSIGN(own, catalog.own_tables(options.database));
  for (const std::string& name : own) STACK_TRY(remove_table(name));
  return {};
}

// The folders that become tables: with files, and under a name that no other folder has.
Result<std::vector<TableWork>> plan_all(lake::ObjectStore& store, const CrawlOptions& options, CrawlSummary& summary) {
  STACK_TRY_ASSIGN(registered, look_at_registered(store, options));
  STACK_TRY_ASSIGN(folders, list_table_folders(store));
  std::vector<TableWork> tables;
  std::map<std::string, std::string> taken;  // table names and the folders that have them
  for (TableFolder& folder : folders) {
    if (folder.files.empty()) {
      summary.notes.push_back(fmt::format("{}/ holds no NDJSON or Parquet files: no table", folder.folder));
      continue;
    }
    const auto [entry, added] = taken.try_emplace(table_name_of(folder.folder), folder.folder);
    if (!added) {
      summary.notes.push_back(fmt::format("{}/ is passed over: the table '{}' is of {}/ already", folder.folder,
                                          entry->first, entry->second));
      continue;
    }
    auto& pieces = registered[folder.folder];
    if (!pieces) pieces = std::make_unique<RegisteredFiles>(store, options.database, folder.folder);
    STACK_TRY_ASSIGN(work, plan(store, options, std::move(folder), std::move(pieces)));
    tables.push_back(std::move(work));
  }
  return tables;
}

}  // namespace

bool CrawlSummary::changed() const {
  return !removed_tables.empty() || std::ranges::any_of(tables, &CrawledTable::changed);
}

Result<CrawlSummary> crawl(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options, const Clock& clock,
                           const StopFlag& stop) {
  const auto begin = clock.steady();
  CrawlSummary summary;
  STACK_TRY_ASSIGN(tables, plan_all(store, options, summary));
  STACK_TRY(read_new_files(store, options, stop, tables, summary));
  for (TableWork& work : tables) {
    if (stop.requested()) return fail(ErrorKind::interrupted, "crawl: interrupted");
    auto registered = register_table(store, catalog, options, work, std::chrono::floor<std::chrono::days>(clock.now()));
    if (!registered && registered.error().kind == ErrorKind::conflict) {
      summary.conflicts.push_back(std::move(registered).error().message);
      continue;
    }
    if (!registered) return std::unexpected(std::move(registered).error());
    CrawledTable& crawled = *registered;
    summary.partitions += crawled.partitions;
    summary.files += crawled.files;
    summary.files_read += crawled.files_read;
    summary.bytes_read += crawled.bytes_read;
    summary.unreadable_files += crawled.unreadable.size();
    summary.tables.push_back(std::move(crawled));
  }
  STACK_TRY(remove_vanished(store, catalog, options, tables, summary));
  summary.seconds = std::chrono::duration<double>(clock.steady() - begin).count();
  return summary;
}

Result<void> watch(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options, const Clock& clock,
                   const StopFlag& stop, const CrawlPause& pause,
                   const std::function<void(const CrawlSummary&)>& report) {
  bool first = true;
  while (!stop.requested()) {
    auto summary = crawl(store, catalog, options, clock, stop);
    if (!summary && summary.error().kind == ErrorKind::interrupted) return {};
    if (!summary) return std::unexpected(std::move(summary).error());
    if (first || summary->changed()) report(*summary);
    first = false;
    const auto time = pause(clock.now());
    if (!time || !wait_unless_stopped(*time, &stop)) return {};
  }
  return {};
}

}  // namespace stack::catalog
