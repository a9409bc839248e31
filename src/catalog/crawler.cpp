#include "catalog/crawler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "catalog/crawl_state.hpp"
#include "catalog/file_reading.hpp"
#include "catalog/table_builder.hpp"

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
};

bool same_file(const DataFile& a, const DataFile& b) {
  return a.key == b.key && a.size == b.size && a.modified == b.modified;
}

Result<TableWork> plan(lake::ObjectStore& store, const CrawlOptions& options, TableFolder folder) {
  TableWork work;
  STACK_TRY_ASSIGN(before, load_state(store, options.database, folder.folder));
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
  work.state_changed = work.state.files.size() - work.to_read.size() != before.files.size();
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

// The catalog is compared each time, not only when files changed: a crawl that was killed between catalog and state,
// or an entry that was removed by hand, is mended by the next.
Result<CrawledTable> register_table(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options,
                                    const TableWork& work) {
  Table table = build_table(options.database, work.folder.folder, store.uri(), work.state);
  for (const UnreadableFile& file : work.unreadable)
    table.unreadable_files.push_back(file.key.substr(work.folder.folder.size() + 1));
  // What was known of a table that cannot be read at all just now is not forgotten.
  if (work.state.files.empty()) return summarise(work, table);
  STACK_TRY_ASSIGN(before, catalog.find(options.database, table.name));
  CrawledTable crawled = summarise(work, table);
  crawled.changed = !before || *before != table;
  if (crawled.changed) {
    STACK_TRY(catalog.put(table));
    crawled.notes = before ? drift_since(*before, table) : drift_between_files(table, work.state);
  }
  note_files(work, table, crawled);
  if (work.state_changed) STACK_TRY(save_state(store, options.database, work.folder.folder, work.state));
  return crawled;
}

Result<void> remove_vanished(lake::ObjectStore& store, Catalog& catalog, const CrawlOptions& options,
                             const std::vector<TableWork>& tables, CrawlSummary& summary) {
  STACK_TRY_ASSIGN(folders, state_folders(store, options.database));
  for (const std::string& folder : folders) {
    const auto there = [&](const TableWork& work) { return work.folder.folder == folder; };
    if (std::ranges::any_of(tables, there)) continue;
    STACK_TRY(remove_state(store, options.database, folder));
    const std::string name = table_name_of(folder);
    // A folder that was renamed from t to T has the same table.
    const auto bears_it = [&](const TableWork& work) { return table_name_of(work.folder.folder) == name; };
    if (std::ranges::any_of(tables, bears_it)) continue;
    STACK_TRY(catalog.remove(options.database, name));
    summary.removed_tables.push_back(name);
  }
  return {};
}

// The folders that become tables: with files, and under a name that no other folder has.
Result<std::vector<TableWork>> plan_all(lake::ObjectStore& store, const CrawlOptions& options, CrawlSummary& summary) {
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
    STACK_TRY_ASSIGN(work, plan(store, options, std::move(folder)));
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
  for (const TableWork& work : tables) {
    if (stop.requested()) return fail(ErrorKind::interrupted, "crawl: interrupted");
    STACK_TRY_ASSIGN(crawled, register_table(store, catalog, options, work));
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
                   const StopFlag& stop, std::chrono::milliseconds interval,
                   const std::function<void(const CrawlSummary&)>& report) {
  bool first = true;
  while (!stop.requested()) {
    auto summary = crawl(store, catalog, options, clock, stop);
    if (!summary && summary.error().kind == ErrorKind::interrupted) return {};
    if (!summary) return std::unexpected(std::move(summary).error());
    if (first || summary->changed()) report(*summary);
    first = false;
    constexpr auto kStep = std::chrono::milliseconds{50};  // so that a stop is heard soon
    for (auto slept = std::chrono::milliseconds{0}; slept < interval && !stop.requested(); slept += kStep)
      std::this_thread::sleep_for(std::min(kStep, interval - slept));
  }
  return {};
}

}  // namespace stack::catalog
