#include "query/duckdb_engine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "catalog/hive_type.hpp"
#include "duckdb/database.hpp"
#include "query/athena_functions.hpp"
#include "query/duckdb_parameters.hpp"
#include "query/fetched_tables.hpp"
#include "query/schema_files.hpp"
#include "query/sql_error.hpp"
#include "query/statements.hpp"
#include "query/table_view.hpp"
#include "query/value_text.hpp"

namespace stack::query {
namespace {

namespace db = duckdb_embedded;
namespace fs = std::filesystem;

using Settings = std::vector<std::pair<std::string, std::string>>;

// What a query that does not fit in memory spills goes to a folder of its own, which DuckDB makes and removes.
fs::path spill_folder() {
  static std::atomic<unsigned> engines{0};
  std::error_code error;
  fs::path folder = fs::temp_directory_path(error);
  if (error) folder = "/tmp";
  return folder / fmt::format("stack-query-{}-{}", ::getpid(), engines++);
}

Settings settings_of(const DuckdbEngineOptions& options) {
  Settings settings{{"autoinstall_known_extensions", "false"},
                    {"autoload_known_extensions", "false"},
                    {"allow_community_extensions", "false"},
                    {"temp_directory", spill_folder().native()}};
  if (options.threads > 0) settings.emplace_back("threads", std::to_string(options.threads));
  if (options.memory_bytes > 0)
    settings.emplace_back("memory_limit", fmt::format("{}MiB", std::max<std::uint64_t>(options.memory_bytes >> 20, 1)));
  return settings;
}

// Ends the running query when the flag is set. DuckDB forgets an interrupt that comes before its query does, so it is
// asked again and again.
class Watcher {
 public:
  Watcher(const StopFlag& stop, const db::Connection& connection)
      : thread_([&stop, &connection](const std::stop_token& token) {
          while (!token.stop_requested()) {
            if (stop.requested()) connection.interrupt();
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
          }
        }) {}

 private:
  std::jthread thread_;
};

class DuckdbResult final : public ResultTable {
 public:
  DuckdbResult(db::PreparedStatement statement, db::QueryResult rows, std::vector<ResultColumn> columns,
               std::vector<ValueText> texts, std::string sql)
      : statement_(std::move(statement)),
        rows_(std::move(rows)),
        columns_(std::move(columns)),
        texts_(std::move(texts)),
        sql_(std::move(sql)) {}

  [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }

  [[nodiscard]] Result<std::optional<RowBatch>> next() override {
    auto chunk = rows_.next();
    if (!chunk) return std::unexpected(sql_error(chunk.error(), sql_));
    if (!*chunk) return std::nullopt;
    RowBatch batch(columns_.size());
    for (std::size_t row = 0; row < (*chunk)->rows(); ++row) {
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        if ((*chunk)->is_null(column, row) || columns_[column].type == "NULL") {
          batch.null_value();
          continue;
        }
        texts_[column].append(batch.text(), (*chunk)->vector(column), row);
        batch.end_value();
      }
    }
    return batch;
  }

 private:
  db::PreparedStatement statement_;
  db::QueryResult rows_;
  std::vector<ResultColumn> columns_;
  std::vector<ValueText> texts_;
  std::string sql_;
};

}  // namespace

namespace {

// The catalog's tables as the engine knows them.
struct Tables {
  std::map<std::string, Error> broken;                       // have no view, by name
  std::map<std::string, std::vector<std::string>> left_out;  // files that views are without, by table
};

}  // namespace

namespace {

Error unreadable_table(std::string_view name, Error error) {
  return std::move(error).within(fmt::format("table '{}' cannot be read; `stack crawl` says what of it can", name));
}

}  // namespace

struct DuckdbEngine::State {
  std::string lake;
  const StopFlag& stop;
  std::unique_ptr<FetchedTables> fetched;  // null where the lake is a folder
  SchemaFiles schemas;
  db::Database database;
  db::Connection connection;
  Tables tables;
  AthenaFunctions functions;
  Watcher watcher;

  State(std::string uri, std::unique_ptr<FetchedTables> remote, SchemaFiles made, db::Database opened,
        db::Connection connected, Tables known, const StopFlag& stopped)
      : lake(std::move(uri)),
        stop(stopped),
        fetched(std::move(remote)),
        schemas(std::move(made)),
        database(std::move(opened)),
        connection(std::move(connected)),
        tables(std::move(known)),
        watcher(stop, connection) {}
};

namespace {

// Over files of this machine; of a lake that is elsewhere without a row, until a statement names it.
Result<void> create_view(db::Connection& connection, lake::ObjectStore& store, const catalog::Table& table,
                         bool files_are_here, const SchemaFiles& schemas) {
  std::vector<FileGroup> groups;
  if (files_are_here) {
    STACK_TRY_ASSIGN(files, table_files(store, table));
    groups = std::move(files);
  }
  for (FileGroup& group : groups) {
    for (const catalog::DataFile& file : group.files) group.paths.push_back(store.local_path(file.key)->native());
    STACK_TRY(schemas.lead(connection, table, group));
  }
  if (auto made = connection.run(create_view_sql(table, groups)); !made)
    return std::unexpected(sql_error(made.error(), {}));
  return {};
}

// The catalog's tables, as far as they can be read; the others go into BROKEN.
Result<std::vector<catalog::Table>> read_tables(catalog::Catalog& catalog, const std::string& database,
                                                std::map<std::string, Error>& broken) {
  STACK_TRY_ASSIGN(names, catalog.tables(database));
  std::vector<catalog::Table> tables;
  for (const std::string& name : names) {
    auto table = catalog.find(database, name);
    if (!table && table.error().kind == ErrorKind::interrupted) return std::unexpected(std::move(table).error());
    if (!table)
      broken.emplace(name, std::move(table).error().within(fmt::format("table '{}' cannot be read", name)));
    else if (*table)  // not removed since it was listed
      tables.push_back(**std::move(table));
  }
  return tables;
}

Result<Tables> create_views(db::Connection& connection, lake::ObjectStore& store, const std::string& database,
                            const std::vector<catalog::Table>& all, bool files_are_here, const SchemaFiles& schemas) {
  STACK_TRY(connection.run(fmt::format("CREATE SCHEMA {}", db::quote_identifier(database))));
  Tables tables;
  for (const catalog::Table& table : all) {
    if (!table.unreadable_files.empty()) tables.left_out.emplace(table.name, table.unreadable_files);
    auto made = create_view(connection, store, table, files_are_here, schemas);
    if (!made && made.error().kind == ErrorKind::interrupted) return std::unexpected(std::move(made).error());
    if (!made) tables.broken.emplace(table.name, unreadable_table(table.name, std::move(made).error()));
  }
  STACK_TRY(connection.run(fmt::format("SET schema = {}", db::quote_literal(database))));
  return tables;
}

// From here on nothing but the lake, or the copies of its objects, can be opened, and no setting changes.
Result<void> lock_down(db::Connection& connection, const fs::path& lake, const SchemaFiles& schemas) {
  std::error_code error;
  const fs::path canonical = fs::canonical(lake, error);
  std::string allowed = db::quote_literal(lake.native()) + ", " + db::quote_literal(schemas.folder().native());
  // The lake behind symbolic links, and as the views' patterns spell it.
  if (!error && canonical != lake) allowed += ", " + db::quote_literal(canonical.native());
  const std::string pattern = pattern_of(lake.native());
  if (pattern != lake.native()) allowed += ", " + db::quote_literal(pattern);
  for (const std::string& statement :
       {std::string("SET TimeZone = 'UTC'"), fmt::format("SET allowed_directories = [{}]", allowed),
        std::string("SET enable_external_access = false"), std::string("SET errors_as_json = true"),
        std::string("SET lock_configuration = true")})
    STACK_TRY(connection.run(statement));
  return {};
}

Result<db::PreparedStatement> prepare(db::Connection& connection, const Tables& tables, const std::string& sql) {
  auto statement = connection.prepare(sql);
  if (statement) return statement;
  const auto broken = tables.broken.find(catalog::lower_case(missing_table(statement.error())));
  return std::unexpected(broken == tables.broken.end() ? sql_error(statement.error(), sql) : broken->second);
}

// Statements that look as if they read may still write: WITH … INSERT.
Result<void> check_kind(const db::PreparedStatement& statement) {
  const duckdb_statement_type type = statement.statement_type();
  if (type == DUCKDB_STATEMENT_TYPE_SELECT || type == DUCKDB_STATEMENT_TYPE_EXPLAIN) return {};
  return std::unexpected(not_allowed("a statement that changes something"));
}

}  // namespace

DuckdbEngine::DuckdbEngine(std::unique_ptr<State> state) : state_(std::move(state)) {}
DuckdbEngine::~DuckdbEngine() = default;

std::string DuckdbEngine::description() const { return fmt::format("DuckDB over {}", state_->lake); }

Result<std::unique_ptr<DuckdbEngine>> DuckdbEngine::open(catalog::Catalog& catalog, lake::ObjectStore& store,
                                                         const DuckdbEngineOptions& options, const StopFlag& stop) {
  const auto anywhere = store.local_path("_stack");
  if (!anywhere && !options.cache)
    return fail(ErrorKind::usage, fmt::format("{}: a lake that is no folder is read through a cache", store.uri()));
  std::map<std::string, Error> broken;
  STACK_TRY_ASSIGN(all, read_tables(catalog, options.database, broken));
  STACK_TRY_ASSIGN(database, db::Database::open({.path = "", .settings = settings_of(options)}));
  STACK_TRY_ASSIGN(connection, database.connect());
  SchemaFiles schemas(spill_folder() += "-schemas");
  STACK_TRY_ASSIGN(tables, create_views(connection, store, options.database, all, anywhere.has_value(), schemas));
  tables.broken.merge(broken);
  std::unique_ptr<FetchedTables> fetched;
  if (!anywhere) {
    STACK_TRY_ASSIGN(opened, FetchedTables::open(store, *options.cache, options.database, std::move(all)));
    fetched = std::move(opened);
  }
  STACK_TRY(lock_down(connection, anywhere ? anywhere->parent_path() : fetched->folder(), schemas));
  auto state = std::make_unique<State>(store.uri(), std::move(fetched), std::move(schemas), std::move(database),
                                       std::move(connection), std::move(tables), stop);
  return std::unique_ptr<DuckdbEngine>(new DuckdbEngine(std::move(state)));
}

namespace {

bool holds_word(std::string_view text, std::string_view word) {
  const auto in_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !in_word(text[at - 1])) && (end == text.size() || !in_word(text[end]))) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> DuckdbEngine::caveats(std::string_view sql) const {
  const std::string text = catalog::lower_case(sql);
  std::vector<std::string> out;
  for (const auto& [table, files] : state_->tables.left_out) {
    if (holds_word(text, table))
      out.push_back(
          fmt::format("{}: the answer is without {} that the last crawl could not read, e.g. {}; mend or "
                      "remove it, then `stack crawl`",
                      table, files.size() == 1 ? "1 file" : fmt::format("{} files", files.size()), files.front()));
  }
  return out;
}

Result<std::unique_ptr<ResultTable>> DuckdbEngine::answer(std::string_view sql, std::span<const Parameter> parameters) {
  STACK_TRY_ASSIGN(asked, read_statement(sql));
  STACK_TRY(state_->functions.provide(asked.text, state_->connection));
  // Athena's functions that DuckDB has by another name, and that no macro can be: transform takes a lambda, arbitrary a
  // FILTER. (DuckDB's own arbitrary may be NULL where there are values.)
  for (std::string* text : {&asked.text, &asked.explained})
    *text = with_function(with_function(*text, "transform", "apply"), "arbitrary", "any_value");
  if (!asked.explained.empty()) {
    // EXPLAIN ANALYZE runs what it explains.
    STACK_TRY_ASSIGN(explained, prepare(state_->connection, state_->tables, asked.explained));
    STACK_TRY(check_kind(explained));
  }
  STACK_TRY_ASSIGN(statement, prepare(state_->connection, state_->tables, asked.text));
  STACK_TRY(check_kind(statement));
  STACK_TRY(bind_parameters(statement, parameters));
  if (state_->fetched) {
    const std::string& reading = asked.explained.empty() ? asked.text : asked.explained;
    STACK_TRY(state_->fetched->fetch_for(reading, parameters, state_->connection, state_->schemas, state_->stop));
    STACK_TRY_ASSIGN(over_files, prepare(state_->connection, state_->tables, asked.text));
    STACK_TRY(bind_parameters(over_files, parameters));
    statement = std::move(over_files);
  }
  auto rows = statement.execute_streaming();
  if (!rows) return std::unexpected(sql_error(rows.error(), asked.text));
  std::vector<ResultColumn> columns;
  std::vector<ValueText> texts;
  for (std::size_t i = 0; i < rows->column_count(); ++i) {
    const ValueText& text = texts.emplace_back(rows->logical_type(i).get());
    columns.push_back({rows->column_name(i), text.type_name(), text.kind()});
    if (!text.supported())
      return fail(ErrorKind::query,
                  fmt::format("column '{}' has a type that cannot be shown: CAST it to VARCHAR", columns.back().name));
  }
  return std::make_unique<DuckdbResult>(std::move(statement), *std::move(rows), std::move(columns), std::move(texts),
                                        asked.text);
}

}  // namespace stack::query
