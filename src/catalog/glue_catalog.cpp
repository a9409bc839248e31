#include "catalog/glue_catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "aws/backoff.hpp"
#include "catalog/glue_entry.hpp"
#include "catalog/glue_own.hpp"
#include "catalog/table_names.hpp"
#include "lake/json_text.hpp"

namespace stack::catalog {
namespace {

using lake::json_string;
namespace dom = simdjson::dom;

constexpr std::chrono::minutes kTrusted{5};  // partitions that were read: others may change them by hand
constexpr int kMostAttempts = 10;            // of a put beside other writers
constexpr int kTablesPage = 25;              // an entry may be of hundreds of KiB

std::string next_page(const std::string& token) {
  return token.empty() ? "" : fmt::format(R"(,"NextToken":{})", json_string(token));
}

}  // namespace

GlueCatalog::GlueCatalog(std::unique_ptr<aws::ServiceClient> glue, std::string lake, const Clock& clock, Say say)
    : glue_(std::move(glue)), lake_(std::move(lake)), clock_(clock), say_(std::move(say)) {}

std::string GlueCatalog::description() const { return fmt::format("AWS Glue in {}", glue_->region()); }

Result<std::vector<std::string>> GlueCatalog::databases() {
  std::vector<std::string> names;
  std::string token;
  dom::parser parser;
  do {
    STACK_TRY_ASSIGN(answer, glue_->call("GetDatabases", fmt::format(R"({{"MaxResults":100{}}})", next_page(token)), {},
                                         "the databases"));
    STACK_TRY_ASSIGN(page, parse_answer(parser, answer.body, "GetDatabases"));
    for (const dom::object database : objects_of(page, "DatabaseList")) names.push_back(text_of(database, "Name"));
    token = text_of(page, "NextToken");
  } while (!token.empty());
  std::ranges::sort(names);
  return names;
}

Result<std::vector<GlueTable>> GlueCatalog::entries(std::string_view database) {
  STACK_TRY(check_database_name(database));
  std::vector<GlueTable> entries;
  std::string token;
  dom::parser parser;
  do {
    STACK_TRY_ASSIGN(answer, glue_->call("GetTables",
                                         fmt::format(R"({{"DatabaseName":{},"MaxResults":{}{}}})",
                                                     json_string(database), kTablesPage, next_page(token)),
                                         {kNotFound}, fmt::format("the tables of {}", database)));
    if (answer.code == kNotFound) return std::vector<GlueTable>{};
    STACK_TRY_ASSIGN(page, parse_answer(parser, answer.body, "GetTables"));
    for (const dom::object each : objects_of(page, "TableList")) entries.push_back(parse_table(each));
    token = text_of(page, "NextToken");
  } while (!token.empty());
  std::ranges::sort(entries, {}, &GlueTable::name);
  return entries;
}

Result<std::vector<std::string>> GlueCatalog::tables(std::string_view database) {
  STACK_TRY_ASSIGN(all, entries(database));
  std::vector<std::string> names;
  for (GlueTable& table : all) {
    if (!is_ours(table) || is_whole(table)) names.push_back(std::move(table.name));
  }
  return names;
}

bool GlueCatalog::is_of_lake(const GlueTable& entry) const {
  return lake_.empty() || entry.storage.location.starts_with(lake_ + "/");
}

Result<std::vector<std::string>> GlueCatalog::own_tables(std::string_view database) {
  STACK_TRY_ASSIGN(all, entries(database));
  std::vector<std::string> names;
  for (GlueTable& table : all) {
    if (is_ours(table) && is_of_lake(table)) names.push_back(std::move(table.name));
  }
  return names;
}

Result<void> GlueCatalog::ensure_database(const std::string& database) {
  STACK_TRY(check_database_name(database));
  STACK_TRY_ASSIGN(there, glue_->call("GetDatabase", fmt::format(R"({{"Name":{}}})", json_string(database)),
                                      {kNotFound}, "database " + database));
  return there.code == kNotFound ? create_database(database) : Result<void>{};
}

Result<std::optional<GlueTable>> GlueCatalog::entry(const GlueTableName& name) {
  STACK_TRY_ASSIGN(answer, glue_->call("GetTable",
                                       fmt::format(R"({{"DatabaseName":{},"Name":{}}})", json_string(name.database),
                                                   json_string(name.table)),
                                       {kNotFound}, "table " + name.text()));
  if (answer.code == kNotFound) return std::optional<GlueTable>{};
  dom::parser parser;
  STACK_TRY_ASSIGN(object, parse_answer(parser, answer.body, "GetTable"));
  dom::object table;
  if (object["Table"].get(table) != simdjson::SUCCESS)
    return fail(ErrorKind::storage, fmt::format("AWS Glue's answer about table {} has no table", name.text()));
  return parse_table(table);
}

Result<std::optional<std::vector<GluePartition>>> GlueCatalog::partitions(const GlueTableName& name,
                                                                          const GlueTable& entry) {
  if (entry.keys.empty()) return std::vector<GluePartition>{};
  const std::string written = fingerprint_of(entry);
  {
    const std::scoped_lock lock(mutex_);
    const auto known = known_.find(name);
    if (known != known_.end() && known->second.fingerprint == written &&
        clock_.steady() - known->second.since < kTrusted)
      return known->second.partitions;
  }
  STACK_TRY_ASSIGN(read, read_partitions(*glue_, name));
  if (read && !written.empty() && fingerprint(*read) == written) remember(name, written, *read);
  return read;
}

void GlueCatalog::remember(const GlueTableName& name, std::string fingerprint, std::vector<GluePartition> partitions) {
  const std::scoped_lock lock(mutex_);
  known_.insert_or_assign(name, Known{std::move(fingerprint), std::move(partitions), clock_.steady()});
}

void GlueCatalog::forget(const GlueTableName& name) {
  const std::scoped_lock lock(mutex_);
  known_.erase(name);
}

Result<std::optional<Table>> GlueCatalog::find(std::string_view database, std::string_view name) {
  STACK_TRY(check_table_names(database, name));
  const GlueTableName which{std::string(database), std::string(name)};
  STACK_TRY_ASSIGN(found, entry(which));
  if (!found || (is_ours(*found) && !is_whole(*found))) return std::optional<Table>{};
  STACK_TRY_ASSIGN(known, partitions(which, *found));
  if (!known) return std::optional<Table>{};
  STACK_TRY_ASSIGN(table, table_of(database, *found, *known, lake_));
  return table;
}

Result<void> GlueCatalog::check_free(const GlueTableName& name, const GlueTable& before,
                                     const GlueTable& wanted) const {
  const auto places_agree = [&] { return before.storage.location == wanted.storage.location; };
  const auto found = is_ours(before) ? std::vector<std::string>{} : contradictions(before, wanted);
  if (found.empty() && places_agree()) return {};
  if (found.empty() && is_ours(before))
    return fail(ErrorKind::conflict,
                fmt::format("the table {} of {} is of another lake, at {}: choose another --database for {}",
                            name.text(), description(), before.storage.location, wanted.storage.location));
  if (found.empty()) return {};
  return contradicts(name, found);
}

std::unexpected<Error> GlueCatalog::contradicts(const GlueTableName& name, const std::vector<std::string>& how) const {
  return fail(
      ErrorKind::conflict,
      fmt::format("the table {} of {} was not made by STACK and contradicts the files: {}. It is left as it is: "
                  "choose another --database, or remove it (aws glue delete-table --database-name {} --name {})",
                  name.text(), description(), fmt::join(how, "; "), name.database, name.table));
}

Result<void> GlueCatalog::create_database(const std::string& database) {
  STACK_TRY_ASSIGN(answer, glue_->call("CreateDatabase",
                                       fmt::format(R"({{"DatabaseInput":{{"Name":{},"Description":"made by stack"}}}})",
                                                   json_string(database)),
                                       {kAlreadyExists, kQuotaReached}, "database " + database));
  if (answer.code == kQuotaReached) return quota_reached({database, "*"}, answer.said);
  return {};
}

Result<bool> GlueCatalog::create(const GlueTableName& name, const Table& table, bool whole,
                                 const std::optional<GlueTable>& deleted) {
  STACK_TRY_ASSIGN(wanted, glue_table(table, whole ? fingerprint({}) : std::string{}));
  if (deleted) wanted = with_additions_of(*deleted, std::move(wanted));
  const std::string body =
      fmt::format(R"({{"DatabaseName":{},"TableInput":{}}})", json_string(name.database), table_input(wanted));
  for (bool database_made = false;;) {
    STACK_TRY_ASSIGN(
        answer, glue_->call("CreateTable", body, {kAlreadyExists, kNotFound, kQuotaReached}, "table " + name.text()));
    if (answer.code == kQuotaReached) return quota_reached(name, answer.said);
    if (answer.code != kNotFound) return answer.code.empty() && whole;
    if (std::exchange(database_made, true)) return false;
    STACK_TRY(create_database(name.database));
  }
}

Result<bool> GlueCatalog::update(const GlueTableName& name, const GlueTable& before, const GlueTable& wanted) {
  // Versions tell how columns and formats came about, and what others had made; that files came does not make one.
  const bool archive = !is_ours(before) || before.storage != wanted.storage || before.keys != wanted.keys;
  const std::string version =
      before.version.empty() ? "" : fmt::format(R"(,"VersionId":{})", json_string(before.version));
  STACK_TRY_ASSIGN(answer, glue_->call("UpdateTable",
                                       fmt::format(R"({{"DatabaseName":{},"TableInput":{},"SkipArchive":{}{}}})",
                                                   json_string(name.database), table_input(wanted), !archive, version),
                                       {kNotFound, kChangedMeanwhile, kQuotaReached}, "table " + name.text()));
  if (answer.code == kQuotaReached) return quota_reached(name, answer.said);
  return answer.code.empty();
}

Result<bool> GlueCatalog::replace(const GlueTableName& name, const GlueTable& before, const GlueTable& wanted,
                                  const std::vector<GluePartition>& wanted_partitions) {
  STACK_TRY_ASSIGN(known, partitions(name, before));
  if (!known) return false;
  if (!is_ours(before))
    if (const auto found = contradictions(*known, wanted_partitions); !found.empty()) return contradicts(name, found);
  PartitionChanges changes = changes_between(*known, wanted_partitions);
  const bool writes = !changes.empty();
  if (writes) {
    forget(name);
    STACK_TRY_ASSIGN(there, write_partitions(*glue_, name, std::move(changes)));
    if (!there) return false;
  }
  const GlueTable merged = with_additions_of(before, wanted);
  if (!same_entry(before, merged)) return update(name, before, merged);
  if (!writes) return true;
  // The partitions alone were mended: had another writer come in between, its entry would be another.
  STACK_TRY_ASSIGN(now, entry(name));
  return now && now->version == before.version;
}

Result<void> GlueCatalog::put(const Table& table) {
  STACK_TRY(check_table_names(table.database, table.name));
  const GlueTableName name{table.database, table.name};
  std::vector<GluePartition> wanted_partitions = glue_partitions(table);
  std::string written = fingerprint(wanted_partitions);
  STACK_TRY_ASSIGN(wanted, glue_table(table, written));
  std::optional<GlueTable> deleted;
  std::optional<std::string> version_of_others;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    if (attempt > 1) std::this_thread::sleep_for(aws::pause_after(attempt - 2));
    STACK_TRY_ASSIGN(before, entry(name));
    if (!before) {
      STACK_TRY_ASSIGN(done, create(name, table, wanted_partitions.empty(), deleted));
      if (done) return {};
      continue;
    }
    STACK_TRY(check_free(name, *before, wanted));
    if (!is_ours(*before)) version_of_others = before->version;
    if (is_ours(*before) && before->keys != wanted.keys) {  // which Glue cannot change beside partitions
      STACK_TRY(delete_table(name));
      deleted = std::move(before);
      continue;
    }
    auto done = replace(name, *before, wanted, wanted_partitions);
    if (!done) {
      forget(name);
      return std::unexpected(std::move(done).error());
    }
    if (*done) {
      remember(name, std::move(written), std::move(wanted_partitions));
      if (say_ && version_of_others)
        say_(
            fmt::format("{}: table {}, which others had made, agrees with the files and is taken over{}", description(),
                        name.text(),
                        version_of_others->empty() ? "" : fmt::format(" (as it was: version {})", *version_of_others)));
      return {};
    }
    forget(name);
  }
  return fail(ErrorKind::storage,
              fmt::format("others keep changing the table {} of {}: it was tried {} times; try again", name.text(),
                          description(), kMostAttempts));
}

Result<void> GlueCatalog::delete_table(const GlueTableName& name) {
  forget(name);
  STACK_TRY(glue_->call(
      "DeleteTable",
      fmt::format(R"({{"DatabaseName":{},"Name":{}}})", json_string(name.database), json_string(name.table)),
      {kNotFound}, "table " + name.text()));
  return {};
}

Result<bool> GlueCatalog::remove(std::string_view database, std::string_view name) {
  STACK_TRY(check_table_names(database, name));
  const GlueTableName which{std::string(database), std::string(name)};
  STACK_TRY_ASSIGN(found, entry(which));
  if (!found || !is_ours(*found) || !is_of_lake(*found)) return false;
  STACK_TRY(delete_table(which));
  return true;
}

}  // namespace stack::catalog
